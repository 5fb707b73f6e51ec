/** envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit, for the filter and for routes alike. */
import type { LocalDescriptors, LocalRateLimitFilter, TokenBucket } from '@weft/core/proxy-config';
import { enumType, type Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { fromMilliseconds, takeDuration } from '../base/duration.ts';
import { some, unless } from '../base/encoding.ts';
import { enumName, type EnumTable, takeEnum } from '../base/enumeration.ts';
import { decodeFraction } from '../base/matcher.ts';
import { decodeHeaderOption, encodeHeaderOption } from '../route/headers.ts';
import { NONE, runtimeFraction } from './fraction.ts';

type Wire = Messages['envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit'];
type WireDescriptor = Messages['envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor'];
type WireBucket = Messages['envoy.type.v3.TokenBucket'];
type WireStatus = Messages['envoy.type.v3.HttpStatus'];

export const LOCAL_RATE_LIMIT = 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';
const TOO_MANY_REQUESTS = 429;
/** ms; Envoy refuses less. */
const SHORTEST_FILL = 50;

export function decodeLocalRateLimit(cursor: Cursor<Wire>, perRoute: boolean): LocalRateLimitFilter {
  const bucket = cursor.within('token_bucket', decodeTokenBucket);
  if (bucket === undefined && perRoute)
    cursor.fault('token_bucket', 'missing-field', 'a limit of a route needs its token bucket');
  const tells = cursor.take('enable_x_ratelimit_headers') ?? 'OFF';
  return {
    kind: 'local-rate-limit',
    statPrefix: cursor.take('stat_prefix') ?? '',
    status: cursor.within('status', decodeStatus) ?? TOO_MANY_REQUESTS,
    bucket,
    ...takeDescriptors(cursor),
    enabled: cursor.within('filter_enabled', decodeFraction) ?? NONE,
    enforced: cursor.within('filter_enforced', decodeFraction) ?? NONE,
    requestHeadersWhenNotEnforced: cursor.each('request_headers_to_add_when_not_enforced', decodeHeaderOption),
    responseHeaders: cursor.each('response_headers_to_add', decodeHeaderOption),
    perConnection: cursor.take('local_rate_limit_per_downstream_connection') ?? false,
    tellsLimits: tells === 'DRAFT_VERSION_03',
    resourceExhausted: cursor.take('rate_limited_as_resource_exhausted') ?? false,
  };
}

/** Statuses below 400 count as 429, as in Envoy. */
function decodeStatus(cursor: Cursor<WireStatus>): number {
  const name = cursor.take('code') ?? 'Empty';
  const status = enumType('envoy.type.v3.StatusCode')?.numbers.get(name) ?? 0;
  return status < 400 ? TOO_MANY_REQUESTS : status;
}

/** Without descriptors, what goes with them says nothing. */
function takeDescriptors(cursor: Cursor<Wire>): { readonly descriptors?: LocalDescriptors } {
  const limits = cursor.each('descriptors', decodeDescriptor);
  if (limits.length === 0) return {};
  return {
    descriptors: {
      stage: cursor.take('stage') ?? 0,
      hostLimits: takeEnum(cursor, 'vh_rate_limits', HOST_LIMITS),
      alwaysAll: cursor.take('always_consume_default_token_bucket') ?? true,
      limits,
    },
  };
}

function decodeDescriptor(cursor: Cursor<WireDescriptor>): LocalDescriptors['limits'][number] {
  const bucket = cursor.within('token_bucket', decodeTokenBucket);
  if (bucket === undefined) cursor.fault('token_bucket', 'missing-field', 'a descriptor needs its token bucket');
  const entries = cursor.each('entries', (entry) => {
    const value = entry.take('value') ?? '';
    if (value === '') entry.fault('value', 'unsupported-value', 'a bucket for each value is not supported here');
    return [entry.take('key') ?? '', value] as const;
  });
  return { entries, bucket: bucket ?? { maxTokens: 0, tokensPerFill: 1, fillInterval: SHORTEST_FILL } };
}

const HOST_LIMITS: EnumTable<LocalDescriptors['hostLimits'], 'OVERRIDE' | 'INCLUDE' | 'IGNORE'> = [
  ['override', 'OVERRIDE'],
  ['include', 'INCLUDE'],
  ['ignore', 'IGNORE'],
];

const encodeDescriptors = (descriptors: LocalDescriptors | undefined): Partial<Wire> =>
  descriptors === undefined
    ? {}
    : {
        stage: unless(descriptors.stage, 0),
        vh_rate_limits: enumName(descriptors.hostLimits, HOST_LIMITS),
        always_consume_default_token_bucket: unless(descriptors.alwaysAll, true),
        descriptors: descriptors.limits.map(({ entries, bucket }) => ({
          entries: entries.map(([key, value]) => ({ key, value })),
          token_bucket: encodeTokenBucket(bucket),
        })),
      };

export function decodeTokenBucket(cursor: Cursor<WireBucket>): TokenBucket {
  const fillInterval = takeDuration(cursor, 'fill_interval', SHORTEST_FILL);
  if (fillInterval < SHORTEST_FILL)
    cursor.fault('fill_interval', 'invalid-value', `a bucket is filled every ${SHORTEST_FILL} ms at most`);
  return {
    maxTokens: cursor.take('max_tokens') ?? 0,
    tokensPerFill: cursor.take('tokens_per_fill') ?? 1,
    fillInterval,
  };
}

export const encodeLocalRateLimit = (filter: LocalRateLimitFilter): Wire => ({
  stat_prefix: filter.statPrefix,
  status: filter.status === TOO_MANY_REQUESTS ? undefined : encodeStatus(filter.status),
  token_bucket: filter.bucket === undefined ? undefined : encodeTokenBucket(filter.bucket),
  filter_enabled: runtimeFraction(filter.enabled),
  filter_enforced: runtimeFraction(filter.enforced),
  request_headers_to_add_when_not_enforced: some(filter.requestHeadersWhenNotEnforced.map(encodeHeaderOption)),
  response_headers_to_add: some(filter.responseHeaders.map(encodeHeaderOption)),
  local_rate_limit_per_downstream_connection: filter.perConnection ? true : undefined,
  enable_x_ratelimit_headers: filter.tellsLimits ? 'DRAFT_VERSION_03' : undefined,
  rate_limited_as_resource_exhausted: filter.resourceExhausted ? true : undefined,
  ...encodeDescriptors(filter.descriptors),
});

const encodeStatus = (status: number): WireStatus => ({
  code: enumType('envoy.type.v3.StatusCode')?.names.get(status) as WireStatus['code'],
});

export const encodeTokenBucket = ({ maxTokens, tokensPerFill, fillInterval }: TokenBucket): WireBucket => ({
  max_tokens: maxTokens,
  tokens_per_fill: unless(tokensPerFill, 1),
  fill_interval: fromMilliseconds(fillInterval),
});
