/** envoy.config.route.v3.RetryPolicy. */
import type { RetryPolicy } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { durationUnless, fromMilliseconds, takeDuration } from '../base/duration.ts';
import { some, unless, type Encoding } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeHeader, encodeHeader } from '../base/matcher.ts';
import {
  BACK_OFF_FACTOR,
  decodeRetries,
  HOST_SELECTION_ATTEMPTS,
  NUM_RETRIES,
  PREVIOUS_HOSTS,
} from '../base/retries.ts';
import { BACK_OFF_BASE, RATE_LIMITED_MAX } from './standards.ts';

type Wire = Messages['envoy.config.route.v3.RetryPolicy'];

const PREVIOUS_PRIORITIES = 'envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig';

/** What gRPC clients retry (gRFC A44); they ignore other words. */
const GRPC_WORDS = new Set(['cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable']);

export function decodeRetryPolicy(cursor: Cursor<Wire>): RetryPolicy {
  return {
    ...decodeRetries(cursor, BACK_OFF_BASE),
    perTryTimeout: takeDuration(cursor, 'per_try_timeout', 0),
    perTryIdleTimeout: takeDuration(cursor, 'per_try_idle_timeout', 0),
    retriableStatusCodes: cursor.take('retriable_status_codes') ?? [],
    retriableHeaders: cursor.each('retriable_headers', decodeHeader),
    retriableRequestHeaders: cursor.each('retriable_request_headers', decodeHeader),
    rateLimitedBackOff: cursor.within('rate_limited_retry_back_off', decodeRateLimited),
    priorityUpdateFrequency:
      cursor.within('retry_priority', (priority) => {
        priority.take('name');
        return readingAny(priority.take('typed_config'), priority.at('typed_config'), priority.report, {
          [PREVIOUS_PRIORITIES]: (config) => config.take('update_frequency') ?? 1,
        });
      }) ?? 0,
  };
}

type RateLimited = NonNullable<RetryPolicy['rateLimitedBackOff']>;
type WireRateLimited = Messages['envoy.config.route.v3.RetryPolicy.RateLimitedRetryBackOff'];

const RESET_FORMATS: EnumTable<RateLimited['headers'][number]['format'], 'SECONDS' | 'UNIX_TIMESTAMP'> = [
  ['seconds', 'SECONDS'],
  ['unix-timestamp', 'UNIX_TIMESTAMP'],
];

const decodeRateLimited = (cursor: Cursor<WireRateLimited>): RateLimited => ({
  headers: cursor.each('reset_headers', (header) => ({
    name: (header.take('name') ?? '').toLowerCase(),
    format: takeEnum(header, 'format', RESET_FORMATS),
  })),
  max: takeDuration(cursor, 'max_interval', RATE_LIMITED_MAX),
});

const encodeRateLimited = ({ headers, max }: RateLimited): WireRateLimited => ({
  reset_headers: headers.map(({ name, format }) => ({ name, format: enumName(format, RESET_FORMATS) })),
  max_interval: durationUnless(max, RATE_LIMITED_MAX),
});

export function encodeRetryPolicy(policy: RetryPolicy, encoding: Encoding, path: string): Wire {
  const grpc = encoding.profile.engine === 'grpc';
  const words = grpc ? policy.retryOn.filter((word) => GRPC_WORDS.has(word)) : policy.retryOn;
  if (words.length < policy.retryOn.length) {
    encoding.cannotSay(`${path}.retryOn`, 'gRPC clients retry on gRPC status words only');
  }
  const { base, max } = policy.backOff;
  const standard = base === BACK_OFF_BASE && max === base * BACK_OFF_FACTOR;
  if (grpc) {
    if (policy.perTryTimeout > 0) encoding.cannotSay(`${path}.perTryTimeout`, 'gRPC clients have no timeout a try');
    // gRPC refuses num_retries: 0; a policy that names nothing to retry on says the same.
    if (policy.numRetries === 0 || words.length === 0) return {};
    return {
      retry_on: words.join(','),
      num_retries: unless(policy.numRetries, NUM_RETRIES),
      retry_back_off: standard
        ? undefined
        : { base_interval: fromMilliseconds(base), max_interval: fromMilliseconds(max) },
    };
  }
  return {
    retry_on: words.join(',') || undefined,
    num_retries: unless(policy.numRetries, NUM_RETRIES),
    per_try_timeout: durationUnless(policy.perTryTimeout, 0),
    per_try_idle_timeout: durationUnless(policy.perTryIdleTimeout, 0),
    retriable_status_codes: some(policy.retriableStatusCodes),
    retriable_headers: some(policy.retriableHeaders.map(encodeHeader)),
    retriable_request_headers: some(policy.retriableRequestHeaders.map(encodeHeader)),
    rate_limited_retry_back_off:
      policy.rateLimitedBackOff === undefined ? undefined : encodeRateLimited(policy.rateLimitedBackOff),
    retry_back_off: standard
      ? undefined
      : {
          base_interval: fromMilliseconds(base),
          max_interval: durationUnless(max, base * BACK_OFF_FACTOR),
        },
    retry_host_predicate: policy.avoidPreviousHosts
      ? [{ name: 'envoy.retry_host_predicates.previous_hosts', typed_config: pack(PREVIOUS_HOSTS, {}) }]
      : undefined,
    retry_priority:
      policy.priorityUpdateFrequency === 0
        ? undefined
        : {
            name: 'envoy.retry_priorities.previous_priorities',
            typed_config: pack(PREVIOUS_PRIORITIES, { update_frequency: policy.priorityUpdateFrequency }),
          },
    host_selection_retry_max_attempts: unless(policy.hostSelectionAttempts, HOST_SELECTION_ATTEMPTS),
  };
}
