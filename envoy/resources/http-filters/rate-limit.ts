/** envoy.extensions.filters.http.ratelimit.v3.RateLimit and RateLimitPerRoute. */
import type { RateLimitFilter, RateLimitOverride } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, takeDuration } from '../base/duration.ts';
import { some, unless } from '../base/encoding.ts';
import { enumName, type EnumTable, takeEnum } from '../base/enumeration.ts';
import { decodeFraction, encodeFraction } from '../base/matcher.ts';
import { decodeUnaryService, encodeGrpcService } from '../base/service.ts';
import { decodeHeaderOption, encodeHeaderOption } from '../route/headers.ts';
import { decodeHttpStatus, encodeHttpStatus } from './http-status.ts';

type Wire = Messages['envoy.extensions.filters.http.ratelimit.v3.RateLimit'];
type WireRoute = Messages['envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute'];
type WireService = Messages['envoy.config.ratelimit.v3.RateLimitServiceConfig'];

export const RATE_LIMIT = 'envoy.extensions.filters.http.ratelimit.v3.RateLimit';
export const RATE_LIMIT_PER_ROUTE = 'envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute';

/** ms; Envoy's default. */
const TIMEOUT = 20;
const TOO_MANY_REQUESTS = 429;
const INTERNAL = 500;
const ALL = { numerator: 100, denominator: 100 } as const;
const isAll = ({ numerator, denominator, runtimeKey }: RateLimitFilter['enabled']): boolean =>
  numerator === 100 && denominator === 100 && runtimeKey === undefined;

const REQUESTS: EnumTable<RateLimitFilter['requests'], 'both' | 'internal' | 'external'> = [
  ['both', 'both'],
  ['internal', 'internal'],
  ['external', 'external'],
];

export function decodeRateLimitFilter(cursor: Cursor<Wire>): RateLimitFilter {
  const type = cursor.take('request_type') || 'both';
  const requests = REQUESTS.find(([, name]) => name === type)?.[0];
  if (requests === undefined) cursor.fault('request_type', 'invalid-value', 'internal, external or both');
  const service = cursor.within('rate_limit_service', decodeService);
  if (service === undefined) cursor.fault('rate_limit_service', 'missing-field', 'the service is not named');
  const status = cursor.within('rate_limited_status', (code) => decodeHttpStatus(code, TOO_MANY_REQUESTS));
  return {
    kind: 'rate-limit',
    domain: cursor.take('domain') ?? '',
    stage: cursor.take('stage') ?? 0,
    requests: requests ?? 'both',
    timeout: takeDuration(cursor, 'timeout', TIMEOUT),
    failureModeDeny: cursor.take('failure_mode_deny') ?? false,
    statusOnError: cursor.within('status_on_error', (code) => decodeHttpStatus(code, INTERNAL)) ?? INTERNAL,
    service: service ?? {
      cluster: '',
      authority: '',
      timeout: undefined,
      initialMetadata: [],
      maxReceiveMessageLength: 0,
    },
    // Statuses below 400 count as 429, as in Envoy.
    status: status === undefined || status < 400 ? TOO_MANY_REQUESTS : status,
    resourceExhausted: cursor.take('rate_limited_as_resource_exhausted') ?? false,
    tellsLimits: (cursor.take('enable_x_ratelimit_headers') ?? 'OFF') === 'DRAFT_VERSION_03',
    marksLimited: cursor.take('disable_x_envoy_ratelimited_header') !== true,
    responseHeaders: cursor.each('response_headers_to_add', decodeHeaderOption),
    statPrefix: cursor.take('stat_prefix') ?? '',
    enabled: cursor.within('filter_enabled', decodeFraction) ?? ALL,
    enforced: cursor.within('filter_enforced', decodeFraction) ?? ALL,
  };
}

function decodeService(cursor: Cursor<WireService>): RateLimitFilter['service'] | undefined {
  if (cursor.take('transport_api_version') !== 'V3')
    cursor.fault('transport_api_version', 'invalid-value', 'only V3 is spoken', 'set transport_api_version: V3');
  const service = cursor.within('grpc_service', decodeUnaryService);
  // The filter's own time-out counts, as in Envoy.
  return service === undefined ? undefined : { ...service, timeout: undefined };
}

const HOST_LIMITS: EnumTable<RateLimitOverride['hostLimits'], 'OVERRIDE' | 'INCLUDE' | 'IGNORE'> = [
  ['override', 'OVERRIDE'],
  ['include', 'INCLUDE'],
  ['ignore', 'IGNORE'],
];

export const decodeRateLimitPerRoute = (cursor: Cursor<WireRoute>): RateLimitOverride => ({
  kind: 'rate-limit',
  hostLimits: takeEnum(cursor, 'vh_rate_limits', HOST_LIMITS),
  domain: cursor.take('domain') ?? '',
});

export const encodeRateLimitFilter = (filter: RateLimitFilter): Wire => ({
  domain: filter.domain,
  stage: unless(filter.stage, 0),
  request_type: unless(filter.requests, 'both'),
  timeout: durationUnless(filter.timeout, TIMEOUT),
  failure_mode_deny: unless(filter.failureModeDeny, false),
  status_on_error: filter.statusOnError === INTERNAL ? undefined : encodeHttpStatus(filter.statusOnError),
  rate_limit_service: { grpc_service: encodeGrpcService(filter.service), transport_api_version: 'V3' },
  rate_limited_status: filter.status === TOO_MANY_REQUESTS ? undefined : encodeHttpStatus(filter.status),
  rate_limited_as_resource_exhausted: unless(filter.resourceExhausted, false),
  enable_x_ratelimit_headers: filter.tellsLimits ? 'DRAFT_VERSION_03' : undefined,
  disable_x_envoy_ratelimited_header: filter.marksLimited ? undefined : true,
  response_headers_to_add: some(filter.responseHeaders.map(encodeHeaderOption)),
  stat_prefix: filter.statPrefix || undefined,
  filter_enabled: isAll(filter.enabled) ? undefined : encodeFraction(filter.enabled),
  filter_enforced: isAll(filter.enforced) ? undefined : encodeFraction(filter.enforced),
});

export const encodeRateLimitPerRoute = (override: RateLimitOverride): WireRoute => ({
  vh_rate_limits: enumName(override.hostLimits, HOST_LIMITS),
  domain: override.domain || undefined,
});
