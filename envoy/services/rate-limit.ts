/** envoy.service.ratelimit.v3: RateLimitRequest and RateLimitResponse. */
import type { MetadataStruct } from '@weft/core/proxy-config';
import type { RateLimitQuestion, RateLimitStatus, RateLimitVerdict } from '@weft/core/services';
import { readMessage, writeMessage } from '../codec/index.ts';
import type { Messages } from '../tables/index.ts';

type Status = Messages['envoy.service.ratelimit.v3.RateLimitResponse.DescriptorStatus'];
type Header = Messages['envoy.config.core.v3.HeaderValue'];

export const encodeRateLimitRequest = ({ domain, descriptors }: RateLimitQuestion): Uint8Array =>
  writeMessage('envoy.service.ratelimit.v3.RateLimitRequest', {
    domain: domain || undefined,
    descriptors: descriptors.map(({ entries }) => ({
      entries: entries.map(([key, value]) => ({ key, value: value || undefined })),
    })),
  });

/** As in Envoy, whatever is not over its limit passes. */
export function readRateLimitVerdict(bytes: Uint8Array): RateLimitVerdict | undefined {
  const read = readMessage('envoy.service.ratelimit.v3.RateLimitResponse', bytes, { unknown: 'skip', keepAny: true });
  if (!read.ok) return undefined;
  const {
    overall_code: code,
    statuses,
    request_headers_to_add: request,
    response_headers_to_add: response,
  } = read.value;
  return {
    overLimit: code === 'OVER_LIMIT',
    statuses: (statuses ?? []).flatMap(statusOf),
    requestHeaders: (request ?? []).map(pairOf),
    responseHeaders: (response ?? []).map(pairOf),
    body: read.value.raw_body ?? new Uint8Array(0),
    metadata: (read.value.dynamic_metadata ?? {}) as MetadataStruct,
  };
}

const pairOf = ({ key, value }: Header): readonly [string, string] => [(key ?? '').toLowerCase(), value ?? ''];

const WINDOWS: Readonly<Record<string, number>> = {
  SECOND: 1,
  MINUTE: 60,
  HOUR: 3600,
  DAY: 86_400,
  WEEK: 604_800,
  MONTH: 2_592_000,
  YEAR: 31_536_000,
};

function statusOf({
  current_limit: limit,
  limit_remaining: remaining,
  duration_until_reset: reset,
}: Status): RateLimitStatus[] {
  if (limit === undefined) return [];
  return [
    {
      requestsPerUnit: limit.requests_per_unit ?? 0,
      window: (WINDOWS[limit.unit ?? ''] ?? 0) * (limit.unit_multiplier || 1),
      name: limit.name ?? '',
      remaining: remaining ?? 0,
      untilReset: Number(reset?.seconds ?? 0),
    },
  ];
}
