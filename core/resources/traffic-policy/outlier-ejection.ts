/** Takes endpoints that fail out of balancing for a while (Envoy: OutlierDetection). Each proxy sees and decides for itself. */
import { parseDuration } from '../../kernel/index.ts';
import { duration } from '../schema/formats.ts';
import { boolean, defaulted, integer, object, optional, required, string } from '../schema/schema.ts';

const RUN = integer(0, 4_294_967_295);

const connectFailures = defaulted(
  boolean(),
  false,
  'Failed connections and resets are a rate of their own that ejects in the same way; they then no longer count as 5xx.',
);

const successRate = object({
  stdevFactor: defaulted(
    integer(0, 100_000),
    1900,
    'An endpoint is ejected when its rate is below the mean by so many thousandths of the standard deviation.',
  ),
  minEndpoints: defaulted(integer(1, 100_000), 5, 'Endpoints with enough requests that are needed for a comparison.'),
  minRequests: defaulted(
    integer(1, 4_294_967_295),
    100,
    'Requests to an endpoint in an interval before it is compared.',
  ),
  connectFailures,
});

const failurePercentage = object({
  threshold: defaulted(integer(1, 100), 85, 'An endpoint is ejected when so many percent of its requests failed.'),
  minEndpoints: defaulted(integer(1, 100_000), 5, 'Endpoints with enough requests that are needed.'),
  minRequests: defaulted(integer(1, 4_294_967_295), 50, 'Requests to an endpoint in an interval before it is judged.'),
  connectFailures,
});

const latency = object(
  {
    percentile: defaulted(integer(1, 99), 50, 'Which of the times in an interval, in their order, is compared.'),
    threshold: required(
      string({ format: duration }),
      'An endpoint is ejected when this time, from the request to the head of its answer, is longer. What is not answered in time counts as longer.',
    ),
    minEndpoints: defaulted(integer(1, 100_000), 1, 'Endpoints with enough requests that are needed.'),
    minRequests: defaulted(
      integer(1, 4_294_967_295),
      10,
      'Requests to an endpoint in an interval before it is judged.',
    ),
  },
  ({ threshold }, report) => {
    if ((parseDuration(threshold) ?? 0) < 1) report(['threshold'], 'out-of-range', 'must be at least `1ms`');
  },
);

export const outlierEjection = object(
  {
    consecutive5xx: defaulted(RUN, 5, 'So many 5xx answers in a row, connection failures included, eject. 0: never.'),
    consecutiveGatewayErrors: defaulted(RUN, 0, 'So many 502, 503 or 504 answers in a row eject. 0: never.'),
    consecutiveConnectFailures: defaulted(
      RUN,
      0,
      'So many failed connections and resets in a row eject; they then no longer count as 5xx. 0: never on their own.',
    ),
    interval: defaulted(string({ format: duration }), '10s', 'How often rates are compared and ejections end.'),
    baseEjectionTime: defaulted(
      string({ format: duration }),
      '30s',
      'The first ejection lasts so long; it grows by the same with each that follows.',
    ),
    maxEjectionTime: defaulted(string({ format: duration }), '5m', 'The longest ejection.'),
    maxEjectedPercent: defaulted(
      integer(0, 100),
      10,
      'At most so many percent of the endpoints are out at a time; one always may be. 0: only that one.',
    ),
    successRate: optional(successRate, 'Ejects endpoints that fail more than the others. Absent: off.'),
    failurePercentage: optional(failurePercentage, 'Ejects endpoints by their own share of failures. Absent: off.'),
    latency: optional(
      latency,
      'Ejects endpoints that answer slowly; with `maxEjectedPercent: 100` and `balancing.panicThreshold: 0` the service as a whole. Our engine alone: Envoy ejects by no time. Absent: off.',
    ),
    probe: optional(
      boolean(),
      'When an ejection is over one request at a time goes to the endpoint: an answer that did not fail brings it back, another one ejects it for longer. Our engine alone. Absent or false: it is back at once.',
    ),
  },
  ({ interval, baseEjectionTime, maxEjectionTime }, report) => {
    const base = parseDuration(baseEjectionTime) ?? 0;
    if (parseDuration(interval) === 0) report(['interval'], 'out-of-range', 'must be at least `1ms`');
    if (base === 0) report(['baseEjectionTime'], 'out-of-range', 'must be at least `1ms`');
    if ((parseDuration(maxEjectionTime) ?? 0) < base) {
      report(['maxEjectionTime'], 'out-of-range', 'is shorter than `baseEjectionTime`');
    }
  },
);
