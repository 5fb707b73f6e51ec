/** envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig, as clusters and HTTP filters state it. */
import type { DnsCache } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { decodeFailureRate, FAMILIES } from '../cluster/dns-settings.ts';
import { decodeCidr, encodeCidr } from './address.ts';
import type { Cursor } from './cursor.ts';
import { durationUnless, fromMilliseconds, takeDuration } from './duration.ts';
import { unless } from './encoding.ts';
import { enumName, takeEnum } from './enumeration.ts';

type Wire = Messages['envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig'];

const REFRESH = 60_000;
const LEAST_REFRESH = 5000;
const HOST_TTL = 300_000;
const HOSTS = 1024;
const PENDING = 1024;
const QUERY_TIMEOUT = 5000;

export function decodeDnsCache(cursor: Cursor<Wire>): DnsCache {
  const least = takeDuration(cursor, 'dns_min_refresh_rate', LEAST_REFRESH);
  const refreshRate = takeDuration(cursor, 'dns_refresh_rate', REFRESH);
  if (refreshRate < 1) cursor.fault('dns_refresh_rate', 'invalid-value', 'must be at least a millisecond');
  return {
    name: cursor.take('name') ?? '',
    family: takeEnum(cursor, 'dns_lookup_family', FAMILIES),
    refreshRate,
    minRefreshRate: least,
    failureRefreshRate: cursor.within('dns_failure_refresh_rate', decodeFailureRate),
    hostTtl: takeDuration(cursor, 'host_ttl', HOST_TTL),
    maxHosts: cursor.take('max_hosts') ?? HOSTS,
    maxPendingRequests:
      cursor.within('dns_cache_circuit_breaker', (breaker) => breaker.take('max_pending_requests')) ?? PENDING,
    queryTimeout: takeDuration(cursor, 'dns_query_timeout', QUERY_TIMEOUT),
    refused: cursor.within('resolved_address_filter', (matcher) => ({
      ranges: matcher.each('ranges', decodeCidr),
      inverted: matcher.take('invert_match') ?? false,
    })),
  };
}

export const encodeDnsCache = (cache: DnsCache): Wire => ({
  name: cache.name,
  dns_lookup_family: enumName(cache.family, FAMILIES),
  dns_refresh_rate: durationUnless(cache.refreshRate, REFRESH),
  dns_min_refresh_rate: durationUnless(cache.minRefreshRate, LEAST_REFRESH),
  dns_failure_refresh_rate:
    cache.failureRefreshRate === undefined
      ? undefined
      : {
          base_interval: fromMilliseconds(cache.failureRefreshRate.base),
          max_interval: fromMilliseconds(cache.failureRefreshRate.max),
        },
  host_ttl: durationUnless(cache.hostTtl, HOST_TTL),
  max_hosts: unless(cache.maxHosts, HOSTS),
  dns_cache_circuit_breaker:
    cache.maxPendingRequests === PENDING ? undefined : { max_pending_requests: cache.maxPendingRequests },
  dns_query_timeout: durationUnless(cache.queryTimeout, QUERY_TIMEOUT),
  resolved_address_filter:
    cache.refused === undefined
      ? undefined
      : { ranges: cache.refused.ranges.map(encodeCidr), invert_match: cache.refused.inverted ? true : undefined },
});
