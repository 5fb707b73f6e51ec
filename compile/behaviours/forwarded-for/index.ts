/**
 * Requests from proxies before a Gateway that are believed about whom they are from (TrafficPolicy `arrivals.xForwardedFor`; Envoy:
 * xff_num_trusted_hops, or envoy.http.original_ip_detection.xff). Connections from there have a filter chain of their own, so that nothing
 * of what anybody else says is believed.
 */
import type { ForwardedForRow } from '@weft/core/mesh-view';
import { EDGE_HEADERS, type FilterChain, type HttpConnectionManager } from '@weft/core/proxy-config';

/** The chain as it is for everybody, and the same for those proxies. A chain without requests stays as it is. */
export function behindProxies(chain: FilterChain, row: ForwardedForRow): FilterChain[] {
  const { terminal } = chain;
  if (terminal.kind !== 'http-connection-manager') return [chain];
  return [
    chain,
    {
      ...chain,
      name: `${chain.name}/forwarded`,
      match: { ...chain.match, sourcePrefixRanges: row.from },
      terminal: { ...terminal, manager: believing(terminal.manager, row) },
    },
  ];
}

const believing = (manager: HttpConnectionManager, { from, hops }: ForwardedForRow): HttpConnectionManager =>
  hops === undefined
    ? {
        ...manager,
        useRemoteAddress: false,
        forwardedFor: { trusted: from, append: true },
        // Those proxies hand on what strangers write.
        earlyMutations: EDGE_HEADERS.map((name) => ({ kind: 'remove', name })),
      }
    : { ...manager, xffNumTrustedHops: hops };
