/**
 * Where a rule's requests go (HTTPRouteRule.backendRefs; GEP-1748 for what does not resolve): weights are shares of requests, a broken
 * reference answers 500 for its share only, and a rule without any target answers 500. Header changes of one backend stay with it.
 */
import { portKey, type BackendRow } from '@weft/core/mesh-view';
import { NO_TEXT, type ForwardAction, type Route, type WeightedCluster } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { brokenName, outboundName } from '../../names.ts';
import type { Behaviour } from '../behaviour.ts';
import { headerMutations } from '../header-modifier/mutations.ts';

export const split: Behaviour = {
  name: 'split',
  route(route: Route, { rule }): Route {
    if (rule === undefined || route.action.kind !== 'forward') return route;
    const live = rule.backends.filter((backend) => backend.weight > 0);
    const [first] = live;
    if (first === undefined || live.every((backend) => backend.kind === 'broken')) {
      return { ...route, action: { kind: 'direct-response', status: 500, body: NO_TEXT, bodyFormat: undefined } };
    }
    const action: ForwardAction = {
      ...route.action,
      clusterNotFoundStatus: 500,
      target:
        live.length === 1 && !hasFilters(first)
          ? { kind: 'cluster', cluster: clusterOf(first) }
          : { kind: 'weighted', clusters: live.map(weighted), choice: { kind: 'random' } },
    };
    return { ...route, action };
  },

  unsupported({ engine, rule, match }) {
    if (engine !== 'grpc' || rule === undefined) return [];
    const parts = [
      ...(match.method === '' || match.method === 'POST' ? [] : ['method']),
      ...(match.queryParameters.length === 0 ? [] : ['query parameters']),
      ...(match.conditions?.headers.some(({ treatMissingAsEmpty }) => treatMissingAsEmpty) === true
        ? ['what a header is not']
        : []),
    ];
    return parts.map((part) =>
      unsupportedByEngine('grpc', rule.source, `match by ${part}`, 'match by path and headers'),
    );
  },
};

const hasFilters = (backend: BackendRow): boolean => backend.kind === 'service' && backend.filters.length > 0;

export const clusterOf = (backend: BackendRow): string =>
  backend.kind === 'service' ? outboundName(portKey(backend.service, backend.port)) : brokenName(backend.source);

const weighted = (backend: BackendRow): WeightedCluster => ({
  cluster: clusterOf(backend),
  clusterHeader: '',
  hostRewrite: '',
  weight: backend.weight,
  metadataMatch: [],
  headers: headerMutations(backend.kind === 'service' ? backend.filters : []),
  filterOverrides: [],
});
