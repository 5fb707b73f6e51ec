/** The six tables together, consistent by construction. */
import { err, ok, type Diagnostic, type Result } from '../kernel/index.ts';
import type { Cluster } from './cluster.ts';
import type { EndpointSet } from './endpoint.ts';
import type { HttpConnectionManager } from './http.ts';
import type { FilterChain, Listener } from './listener.ts';
import type { ResourcePatch } from './patch.ts';
import type { RouteConfiguration } from './route.ts';
import type { RouteScope, ScopedRoutes } from './scope.ts';
import type { TrustBundle } from './tls.ts';

/** Rows by name, in the order of their names. */
export interface ProxyConfig {
  readonly listeners: ReadonlyMap<string, Listener>;
  readonly routes: ReadonlyMap<string, RouteConfiguration>;
  /** What scoped route tables are chosen by (SRDS), for all connection managers that ask for it. */
  readonly scopes: ReadonlyMap<string, RouteScope>;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly endpoints: ReadonlyMap<string, EndpointSet>;
  readonly trustBundles: ReadonlyMap<string, TrustBundle>;
}

/** As it is handed to whoever encodes it. */
export interface PatchedConfig extends ProxyConfig {
  /** Applied, in this order, to what the rows are encoded as; absent: none. */
  readonly patches?: readonly ResourcePatch[];
}

export type TableName = keyof ProxyConfig;

export const EMPTY_PROXY_CONFIG: ProxyConfig = {
  listeners: new Map(),
  routes: new Map(),
  scopes: new Map(),
  clusters: new Map(),
  endpoints: new Map(),
  trustBundles: new Map(),
};

export interface ProxyConfigRows {
  readonly listeners?: readonly Listener[];
  readonly routes?: readonly RouteConfiguration[];
  readonly scopes?: readonly RouteScope[];
  readonly clusters?: readonly Cluster[];
  readonly endpoints?: readonly EndpointSet[];
  readonly trustBundles?: readonly TrustBundle[];
}

/**
 * Builds the tables, sorted by name, and refuses two rows of one name and a reference from a listener to a route table that is absent
 * or from an EDS cluster to an endpoint set that is absent. A route to an absent cluster is no fault here: Gateway API wants its
 * share answered with 500 (`clusterNotFoundStatus`).
 */
export function proxyConfig(rows: ProxyConfigRows): Result<ProxyConfig, readonly Diagnostic[]> {
  const faults: Diagnostic[] = [];
  const fault = (path: string, code: string, message: string): void => {
    faults.push({ severity: 'error', code, message, place: { path } });
  };
  const table = <Row extends { readonly name: string }>(
    name: TableName,
    list: readonly Row[] | undefined,
  ): Map<string, Row> => {
    const sorted = [...(list ?? [])].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    const made = new Map<string, Row>();
    for (const row of sorted) {
      if (made.has(row.name)) fault(`${name}[${row.name}]`, 'duplicate-name', `two rows are named ${row.name}`);
      made.set(row.name, row);
    }
    return made;
  };
  const config: ProxyConfig = {
    listeners: table('listeners', rows.listeners),
    routes: table('routes', rows.routes),
    scopes: table('scopes', rows.scopes),
    clusters: table('clusters', rows.clusters),
    endpoints: table('endpoints', rows.endpoints),
    trustBundles: table('trustBundles', rows.trustBundles),
  };
  for (const listener of config.listeners.values()) {
    for (const name of routeNames(listener)) {
      if (!config.routes.has(name))
        fault(`listeners[${listener.name}]`, 'dangling-name', `route table ${name} does not exist`);
    }
  }
  for (const cluster of config.clusters.values()) {
    if (cluster.discovery.kind === 'eds' && !config.endpoints.has(cluster.discovery.serviceName)) {
      fault(
        `clusters[${cluster.name}]`,
        'dangling-name',
        `endpoint set ${cluster.discovery.serviceName} does not exist`,
      );
    }
  }
  return faults.length === 0 ? ok(config) : err(faults);
}

/** Every connection manager of a listener, chain by chain. */
export function httpConnectionManagers(listener: Listener): HttpConnectionManager[] {
  const chains: readonly FilterChain[] =
    listener.defaultFilterChain === undefined
      ? listener.filterChains
      : [...listener.filterChains, listener.defaultFilterChain];
  const managers = chains.flatMap((chain) =>
    chain.terminal.kind === 'http-connection-manager' ? [chain.terminal.manager] : [],
  );
  return listener.apiListener === undefined ? managers : [listener.apiListener, ...managers];
}

/** Names of the route tables that a listener asks for by RDS, each once; those of scopes are not among them. */
export const routeNames = (listener: Listener): string[] => [
  ...new Set(httpConnectionManagers(listener).flatMap(({ routes }) => (routes.kind === 'rds' ? [routes.name] : []))),
];

/** How long a listener waits for each route table that it names, where that is stated, ms. */
export const routeWaits = (listener: Listener): ReadonlyMap<string, number> =>
  new Map(
    httpConnectionManagers(listener).flatMap(({ routes }) =>
      routes.kind === 'rds' && routes.fetchTimeout !== undefined ? [[routes.name, routes.fetchTimeout] as const] : [],
    ),
  );

/** Names of the route tables of scopes, but for those that are asked for on demand. */
export const scopedRouteNames = (scopes: Iterable<RouteScope>): string[] =>
  [...scopes].flatMap(({ routes, onDemand }) => (routes.kind === 'rds' && !onDemand ? [routes.name] : []));

/** The scoped routes of a listener. */
export const scopedRoutes = (listener: Listener): ScopedRoutes[] =>
  httpConnectionManagers(listener).flatMap(({ routes }) => (routes.kind === 'scoped' ? [routes] : []));
