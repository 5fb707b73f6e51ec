/** The cluster of a request as its route says it, before the router has chosen it; '' where there is no such route. */
import type { Exchange } from '../http/exchange.ts';

export function routeCluster({ plan, weighted, head }: Exchange): string {
  const target = plan?.forward?.target;
  if (target === undefined) return '';
  if (target.kind === 'cluster') return target.cluster;
  if (target.kind === 'cluster-header') return head.header(target.header) ?? '';
  return weighted?.cluster ?? '';
}
