/** Where a rule of opaque bytes leads. */
import type { TcpRuleRow } from '@weft/core/mesh-view';
import type { TcpProxy } from '@weft/core/proxy-config';
import { clusterOf } from '../behaviours/split/index.ts';
import { brokenName } from '../names.ts';

/** A broken reference closes the connections of its share; so does a rule without any backend. */
export function tcpDestination(rule: TcpRuleRow): TcpProxy['destination'] {
  const live = rule.backends.filter((backend) => backend.weight > 0);
  const [first] = live;
  if (first === undefined) return { kind: 'cluster', cluster: brokenName(rule.source) };
  if (live.length === 1) return { kind: 'cluster', cluster: clusterOf(first) };
  return {
    kind: 'weighted',
    clusters: live.map((backend) => ({ cluster: clusterOf(backend), weight: backend.weight, metadataMatch: [] })),
  };
}
