/**
 * A route as proxyless gRPC clients take it. They answer nothing themselves and rewrite nothing, and not every one of them outlives a route
 * without a cluster: what must not be forwarded as it is goes to nobody, which fails with UNAVAILABLE.
 */
import type { ForwardAction, Route } from '@weft/core/proxy-config';
import { brokenName, NOBODY } from '../names.ts';

const BROKEN = brokenName('');

export function proxylessRoute(route: Route, toNobody: ForwardAction): Route {
  const { action } = route;
  if (action.kind !== 'forward' || action.rewrite.path.kind !== 'none') return { ...route, action: toNobody };
  return { ...route, action: { ...action, target: withoutBroken(action.target) } };
}

function withoutBroken(target: ForwardAction['target']): ForwardAction['target'] {
  const reached = (cluster: string): string => (cluster.startsWith(BROKEN) ? NOBODY : cluster);
  switch (target.kind) {
    case 'cluster':
      return { ...target, cluster: reached(target.cluster) };
    case 'weighted':
      return { ...target, clusters: target.clusters.map((one) => ({ ...one, cluster: reached(one.cluster) })) };
    case 'cluster-header':
      return target;
  }
}
