/** What a row of a ProxyConfig refers to, and which objects it was compiled from. */
import {
  httpConnectionManagers,
  routeNames,
  type Cluster,
  type FilterChain,
  type Listener,
  type Rbac,
  type RouteAction,
  type RouteConfiguration,
  type VirtualHost,
} from '@weft/core/proxy-config';
import type { References } from './resource.ts';

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

const sourcesOf = (rows: Iterable<{ readonly source: string | undefined }>): string[] =>
  sorted([...rows].flatMap(({ source }) => source ?? []));

/** Found once a host, which may stand in many tables. */
const clustersOfHosts = new WeakMap<VirtualHost, readonly string[]>();

/** Clusters that a route table forwards or mirrors to. A cluster chosen by header is known only to the request. */
const clustersOfRoutes = (table: RouteConfiguration): string[] =>
  table.virtualHosts.flatMap((host) => {
    const known = clustersOfHosts.get(host);
    if (known !== undefined) return known;
    const names = [...new Set(host.routes.flatMap(({ action }) => clustersOfAction(action)))];
    clustersOfHosts.set(host, names);
    return names;
  });

function clustersOfAction(action: RouteAction): string[] {
  if (action.kind !== 'forward') return [];
  const { target, mirrors } = action;
  return [
    ...(target.kind === 'cluster' ? [target.cluster] : []),
    ...(target.kind === 'weighted' ? named(target.clusters) : []),
    ...named(mirrors),
  ];
}

const named = (targets: readonly { readonly cluster: string }[]): string[] =>
  targets.flatMap(({ cluster }) => (cluster === '' ? [] : [cluster]));

const chainsOf = (listener: Listener): FilterChain[] =>
  listener.defaultFilterChain === undefined
    ? [...listener.filterChains]
    : [...listener.filterChains, listener.defaultFilterChain];

function clustersOfChain({ terminal }: FilterChain): string[] {
  if (terminal.kind !== 'tcp-proxy') return [];
  const { destination } = terminal.proxy;
  return destination.kind === 'cluster' ? [destination.cluster] : destination.clusters.map(({ cluster }) => cluster);
}

export const clusterReferences = ({ discovery }: Cluster): References =>
  discovery.kind === 'eds' ? { endpoints: [discovery.serviceName] } : {};

export const routeReferences = (table: RouteConfiguration): References => ({
  clusters: sorted(clustersOfRoutes(table)),
});

export function listenerReferences(listener: Listener): References {
  const inline = httpConnectionManagers(listener).flatMap(({ routes }) =>
    routes.kind === 'inline' ? clustersOfRoutes(routes.configuration) : [],
  );
  return {
    clusters: sorted([...chainsOf(listener).flatMap(clustersOfChain), ...inline]),
    routes: sorted(routeNames(listener)),
  };
}

export const clusterSources = (cluster: Cluster): string[] => sourcesOf([cluster]);

export const routeSources = (table: RouteConfiguration): string[] =>
  sourcesOf(table.virtualHosts.flatMap((host) => host.routes));

const rbacSources = (rules: readonly (Rbac | undefined)[]): string[] =>
  sourcesOf(rules.flatMap((rbac) => rbac?.policies ?? []));

export function listenerSources(listener: Listener): string[] {
  const network = chainsOf(listener).flatMap(({ networkFilters }) =>
    networkFilters.flatMap((filter) => (filter.kind === 'rbac' ? rbacSources([filter.rules, filter.shadowRules]) : [])),
  );
  const http = httpConnectionManagers(listener).flatMap(({ routes, httpFilters }) => [
    ...(routes.kind === 'inline' ? routeSources(routes.configuration) : []),
    ...httpFilters.flatMap((filter) => (filter.kind === 'rbac' ? rbacSources([filter.rules, filter.shadowRules]) : [])),
  ]);
  return sorted([...sourcesOf([listener, ...chainsOf(listener)]), ...network, ...http]);
}
