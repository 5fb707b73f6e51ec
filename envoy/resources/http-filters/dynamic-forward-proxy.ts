/** envoy.extensions.filters.http.dynamic_forward_proxy.v3: one cache, the same as its clusters state. */
import type { DynamicForwardProxyFilter } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { decodeDnsCache, encodeDnsCache } from '../base/dns-cache.ts';

export const DYNAMIC_FORWARD_PROXY = 'envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig';

type Wire = Messages[typeof DYNAMIC_FORWARD_PROXY];

export function decodeDynamicForwardProxy(cursor: Cursor<Wire>): DynamicForwardProxyFilter {
  const cache = cursor.within('dns_cache_config', decodeDnsCache);
  if (cache === undefined) cursor.refuse('missing-field', 'the filter needs dns_cache_config');
  return { kind: 'dynamic-forward-proxy', cache: cache ?? NONE };
}

/** Stands where a refused message has no cache. */
const NONE: DynamicForwardProxyFilter['cache'] = {
  name: '',
  family: 'auto',
  refreshRate: 0,
  minRefreshRate: 0,
  failureRefreshRate: undefined,
  hostTtl: 0,
  maxHosts: 0,
  maxPendingRequests: 0,
  queryTimeout: 0,
  refused: undefined,
};

export const encodeDynamicForwardProxy = ({ cache }: DynamicForwardProxyFilter): Wire => ({
  dns_cache_config: encodeDnsCache(cache),
});
