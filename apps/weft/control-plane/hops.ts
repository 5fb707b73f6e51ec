/**
 * What a proxy offers to speak on its hops to services: how many service ports by protocol. `weft/1`: streams to other Weft engines, HTTP/1.1
 * to the rest; `h2`: HTTP/2; `http/1.1`; `tcp`: bytes as they are. A called side chooses among what is offered.
 */
import type { Cluster, ProxyConfig } from '@weft/core/proxy-config';

export type Hop = 'weft/1' | 'h2' | 'http/1.1' | 'tcp';

/** In the order of `Hop`; protocols without a port are left out. */
export function hops({ listeners, clusters }: ProxyConfig): Partial<Record<Hop, number>> {
  const opaque = new Set<string>();
  for (const { filterChains } of listeners.values())
    for (const { terminal } of filterChains) {
      if (terminal.kind !== 'tcp-proxy') continue;
      const { destination } = terminal.proxy;
      if (destination.kind === 'cluster') opaque.add(destination.cluster);
      else if (destination.kind === 'weighted') for (const { cluster } of destination.clusters) opaque.add(cluster);
    }
  const counts: Record<Hop, number> = { 'weft/1': 0, h2: 0, 'http/1.1': 0, tcp: 0 };
  for (const cluster of clusters.values())
    if (isOfService(cluster)) counts[opaque.has(cluster.name) ? 'tcp' : hopOf(cluster)] += 1;
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

function hopOf({ protocol, transport }: Cluster): Hop {
  if (protocol.kind === 'http1') return 'http/1.1';
  const own = transport.kind === 'tls' && transport.alpnProtocols.includes('weft/1');
  return own ? 'weft/1' : 'h2';
}

/** With stand-ins it is the cluster of its own endpoints that speaks. */
const isOfService = ({ name, discovery }: Cluster): boolean =>
  name.startsWith('own/') || (name.startsWith('outbound/') && discovery.kind !== 'aggregate');
