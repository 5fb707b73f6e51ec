/**
 * What may be applied of what has arrived: a cluster waits for its endpoints and a listener for its route tables; until then its last
 * applied row stays, when there is one (Envoy's warming). Pure.
 */
import {
  type Cluster,
  type EndpointSet,
  type Listener,
  type ProxyConfig,
  type RouteConfiguration,
  type RouteScope,
  routeNames,
  routeWaits,
  scopedRoutes,
} from '@weft/core/proxy-config';

export interface ArrivedRows {
  readonly listeners: ReadonlyMap<string, Listener>;
  readonly routes: ReadonlyMap<string, RouteConfiguration>;
  /** undefined: nobody has said yet which there are. */
  readonly scopes: ReadonlyMap<string, RouteScope> | undefined;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly endpoints: ReadonlyMap<string, EndpointSet>;
}

export interface Warmed {
  readonly config: ProxyConfig;
  /** Names of clusters and listeners that still wait for something. */
  readonly waiting: readonly string[];
  /** What has not come, whether it is still waited for or not (`endpoints NAME`, `routes NAME`, `scopes`), and for how long, ms; undefined: as ever. */
  readonly missing: ReadonlyMap<string, number | undefined>;
}

/** `givenUp`: what is not waited for any longer; such endpoints are an empty set, such routes an empty table. */
export function warm(
  rows: ArrivedRows,
  applied: ProxyConfig,
  givenUp: { has(missing: string): boolean } = NOTHING,
): Warmed {
  const waiting: string[] = [];
  const missing = new Map<string, number | undefined>();
  const without = (what: string, wait?: number): boolean => {
    missing.set(what, wait ?? missing.get(what));
    return givenUp.has(what);
  };
  const endpoints = new Map<string, EndpointSet>();
  const routes = new Map<string, RouteConfiguration>();

  const clusters = pick(rows.clusters, applied.clusters, waiting, (cluster) => {
    if (cluster.discovery.kind !== 'eds') return true;
    const name = cluster.discovery.serviceName;
    const known = rows.endpoints.get(name) ?? applied.endpoints.get(name);
    const set = known ?? (without(`endpoints ${name}`, cluster.discovery.fetchTimeout) ? noEndpoints(name) : undefined);
    if (set !== undefined) endpoints.set(name, set);
    return set !== undefined;
  });
  const tableThere = (name: string, wait?: number): boolean => {
    const known = rows.routes.get(name) ?? applied.routes.get(name);
    const table = known ?? (without(`routes ${name}`, wait) ? noRoutes(name) : undefined);
    if (table !== undefined) routes.set(name, table);
    return table !== undefined;
  };
  const late: string[] = [];
  const scopes = pick(rows.scopes ?? applied.scopes, applied.scopes, late, ({ routes: own, onDemand }) => {
    if (own.kind === 'inline') return true;
    const there = onDemand ? tableOnDemand(own.name) : tableThere(own.name);
    return there || onDemand;
  });
  /** A table that nobody has asked for yet holds nobody up. */
  function tableOnDemand(name: string): boolean {
    const table = rows.routes.get(name) ?? applied.routes.get(name);
    if (table !== undefined) routes.set(name, table);
    return table !== undefined;
  }
  const scopesThere = (): boolean =>
    ((rows.scopes !== undefined || applied.scopes.size > 0) && late.length === 0) || without('scopes');
  const listeners = pick(rows.listeners, applied.listeners, waiting, (listener) => {
    const bySrds = scopedRoutes(listener).some(({ scopes: stated }) => stated === undefined);
    const serves = applied.listeners.has(listener.name);
    // A listener that serves goes on without scopes that are late; a new one waits for all.
    const waits = routeWaits(listener);
    const whole = routeNames(listener)
      .map((name) => tableThere(name, waits.get(name)))
      .every((there) => there);
    return whole && (!bySrds || serves || scopesThere());
  });
  return {
    config: { listeners, routes, scopes, clusters, endpoints, trustBundles: applied.trustBundles },
    waiting,
    missing,
  };
}

const NOTHING: ReadonlySet<string> = new Set();

/** Each wanted row that is whole, else the applied row of its name that is. */
function pick<Row>(
  wanted: ReadonlyMap<string, Row>,
  applied: ReadonlyMap<string, Row>,
  waiting: string[],
  whole: (row: Row) => boolean,
): Map<string, Row> {
  const picked = new Map<string, Row>();
  for (const [name, row] of wanted) {
    if (whole(row)) {
      picked.set(name, row);
      continue;
    }
    waiting.push(name);
    const before = applied.get(name);
    if (before !== undefined && before !== row && whole(before)) picked.set(name, before);
  }
  return picked;
}

const noEndpoints = (name: string): EndpointSet => ({ name, localities: [], overprovisioningFactor: 140 });

const noRoutes = (name: string): RouteConfiguration => ({
  name,
  virtualHosts: [],
  headers: { requestRemove: [], requestAdd: [], responseRemove: [], responseAdd: [] },
  ignorePortInHostMatching: false,
  maxDirectResponseBodySizeBytes: 4096,
  internalOnlyHeaders: [],
  ignorePathParameters: false,
  mostSpecificHeaderMutationsWins: false,
  filterOverrides: [],
});
