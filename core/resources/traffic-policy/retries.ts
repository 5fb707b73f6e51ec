/**
 * Further tries (Envoy: RetryPolicy, CircuitBreakers.Thresholds.retry_budget). What no application can have seen (connect failed,
 * stream refused) goes to another endpoint without any policy.
 */
import { parseDuration } from '../../kernel/index.ts';
import { METHODS } from '../http-route/match.ts';
import { duration } from '../schema/formats.ts';
import { array, boolean, defaulted, integer, object, oneOf, optional, string } from '../schema/schema.ts';

export const RETRY_CONDITIONS = [
  'ConnectFailure',
  'RefusedStream',
  'Reset',
  'GatewayError',
  'ServerError',
  'Failure',
  'Cancelled',
  'DeadlineExceeded',
  'Internal',
  'ResourceExhausted',
  'Unavailable',
] as const;

const backoff = object(
  {
    base: defaulted(
      string({ format: duration }),
      '25ms',
      'The wait before the first further try is drawn from nothing to this; the span doubles with each try.',
    ),
    max: defaulted(string({ format: duration }), '250ms', 'The longest wait.'),
  },
  ({ base, max }, report) => {
    const least = parseDuration(base) ?? 0;
    if (least === 0) report(['base'], 'out-of-range', 'must be at least `1ms`');
    if ((parseDuration(max) ?? 0) < least) report(['max'], 'out-of-range', 'is shorter than `base`');
  },
);

const budget = object({
  percent: defaulted(
    integer(0, 100),
    20,
    'Further tries at any moment: at most this share of the requests then active, or begun within `interval`.',
  ),
  minConcurrent: defaulted(
    integer(0, 100_000),
    3,
    'So many further tries are allowed at any moment whatever the share.',
  ),
  interval: defaulted(
    string({ format: duration }),
    '0s',
    'Requests count for so long from their beginning, whether they are over or not. `0s`: while they are active.',
  ),
});

export const retries = object({
  attempts: defaulted(
    integer(0, 100),
    1,
    'Tries after the first. 0: none. An HTTPRoute’s `retry` goes before `attempts`, `conditions`, `codes` and `backoff.base`.',
  ),
  conditions: defaulted(
    array(oneOf(RETRY_CONDITIONS), { minItems: 1, maxItems: 11, uniqueBy: 'item' }),
    ['ConnectFailure', 'RefusedStream'],
    'After what. `ConnectFailure`: no connection. `RefusedStream`: the endpoint said that it did nothing. `Reset`: the connection broke, or `timeouts.backendRequest` was over, before a response. `GatewayError`: 502, 503, 504, and `Reset`. `ServerError`: any 5xx, and `Reset`. `Failure`: an answer that `responseClasses` counts as failed. `Cancelled`, `DeadlineExceeded`, `Internal`, `ResourceExhausted`, `Unavailable`: that status of gRPC in the head of a response. All but the first two can make a request happen twice.',
  ),
  codes: optional(
    array(integer(400, 599), { maxItems: 64, uniqueBy: 'item' }),
    'Statuses after which a request is tried again too.',
  ),
  methods: optional(
    array(oneOf(METHODS), { minItems: 1, maxItems: 9, uniqueBy: 'item' }),
    'Only requests with one of these methods are tried again. Absent: all.',
  ),
  retryAfter: optional(
    object({
      max: defaulted(string({ format: duration }), '5m', 'A response that asks for a longer wait is not heeded.'),
    }),
    'The header `retry-after` (seconds) of a response says how long to wait. Absent: it is not looked at.',
  ),
  backoff: optional(backoff, 'How long to wait between tries. Absent: 25 ms to 250 ms.'),
  hedging: optional(
    boolean(),
    'HTTP: a try whose `timeouts.backendRequest` is over goes on beside the next one, and the first answer that is not tried again counts. Absent or false: it ends.',
  ),
  budget: optional(
    budget,
    'Keeps retries from piling up: bounds them by the requests that are active. Absent: 20 percent, at least 100.',
  ),
});
