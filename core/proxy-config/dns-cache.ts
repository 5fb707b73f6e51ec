/** envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig: hosts that requests name, and the addresses that DNS gave for them. */
/** Which addresses of a name count (dns_lookup_family). */
export type DnsFamily = 'auto' | 'v4-only' | 'v6-only' | 'v4-preferred' | 'all';

export interface DnsCache {
  /** A cluster takes what the filter with the cache of this name resolved; both state the same settings. */
  readonly name: string;
  readonly family: DnsFamily;
  /** ms until a host is asked for again whose time to live is not known; Envoy's default 60000. */
  readonly refreshRate: number;
  /** ms; a shorter time to live counts as this one. Envoy's default 5000. */
  readonly minRefreshRate: number;
  /** After a query that failed: doubles from `base` to `max`; undefined: `refreshRate`. */
  readonly failureRefreshRate: { readonly base: number; readonly max: number } | undefined;
  /** ms; a host that nobody asked for in so long is forgotten when it is due to be resolved again. Envoy's default 300000. */
  readonly hostTtl: number;
  /** Hosts, each port for itself, at a time; more are refused. Envoy's default 1024; each thread counts its own. */
  readonly maxHosts: number;
  /** Requests that wait for DNS at a time; more are refused. Envoy's default 1024; each thread counts its own. */
  readonly maxPendingRequests: number;
  /** ms for one query; Envoy's default 5000, 0: as long as the resolver takes. */
  readonly queryTimeout: number;
  /** resolved_address_filter: addresses in these ranges are no answer, literal ones in a request neither; undefined: all are. */
  readonly refused: { readonly ranges: readonly string[]; readonly inverted: boolean } | undefined;
}
