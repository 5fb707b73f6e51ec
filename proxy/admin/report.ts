/** What the admin pages show of one engine, as plain data that can leave its thread; reports of several engines of one process add up. */
import type { CircuitBreakerThresholds } from '@weft/core/proxy-config';
import type { FamilySnapshot } from '@weft/core/metrics';
import type { Engine } from '../engine/engine.ts';
import { mergeFamilies } from '../telemetry/merge.ts';
import { allFamilies } from '../telemetry/snapshot.ts';
import type { UpstreamEndpoint } from '../upstream/index.ts';

export interface EngineReport {
  readonly families: readonly FamilySnapshot[];
  readonly clusters: readonly ClusterReport[];
  readonly listeners: readonly ListenerReport[];
}

export interface ClusterReport {
  readonly name: string;
  readonly observabilityName: string;
  readonly limits: readonly (readonly [priority: string, CircuitBreakerThresholds])[];
  readonly endpoints: readonly EndpointReport[];
}

export interface EndpointReport {
  readonly address: string;
  /** Each engine's own: they add up. */
  readonly counts: Readonly<Record<string, number>>;
  /** The same in every engine. */
  readonly facts: Readonly<Record<string, string | number>>;
}

export interface ListenerReport {
  readonly name: string;
  readonly addresses: readonly ({ readonly ip: string; readonly port: number } | { readonly path: string })[];
}

/** `families`: of a worker without its traffic, which it hands to the thread that coordinates. */
export const reportOf = (
  engine: Engine,
  families = allFamilies(engine.telemetry, engine.runtime.wall.now()),
): EngineReport => ({
  families,
  clusters: [...engine.clusters.all()].map(({ name, config, breakers, endpoints }) => ({
    name,
    observabilityName: config.altStatName === '' ? name : config.altStatName,
    limits: [
      ['default', breakers.default.thresholds],
      ['high', breakers.high.thresholds],
    ],
    endpoints: [...endpoints.values()].map(endpointReport),
  })),
  listeners: [...engine.listeners.values()].map(({ runtime, sockets }) => ({
    name: runtime.row.name,
    addresses: sockets.map(({ address, port }) =>
      address.kind === 'ip' ? { ip: address.ip, port } : { path: address.kind === 'pipe' ? address.path : '' },
    ),
  })),
});

function endpointReport(endpoint: UpstreamEndpoint): EndpointReport {
  const { totals } = endpoint;
  return {
    address: endpoint.address,
    counts: {
      cx_active: endpoint.activeConnections,
      cx_connect_fail: totals.connectFailures,
      cx_total: totals.connections,
      rq_active: endpoint.activeRequests,
      rq_error: totals.errors,
      rq_success: totals.successes,
      rq_timeout: totals.timeouts,
      rq_total: totals.requests,
    },
    facts: {
      hostname: endpoint.endpoint.hostname,
      health_flags: flags(endpoint),
      weight: endpoint.weight,
      priority: endpoint.priority,
      transport: endpoint.secure ? 'tls' : 'plaintext',
      workload: endpoint.endpoint.workload?.workload ?? '',
    },
  };
}

function flags(endpoint: UpstreamEndpoint): string {
  const found = [
    endpoint.checkedHealthy ? '' : '/failed_active_hc',
    endpoint.monitor?.ejected === true ? '/failed_outlier_check' : '',
    ['unhealthy', 'draining', 'timeout'].includes(endpoint.endpoint.health) ? '/failed_eds_health' : '',
    endpoint.endpoint.health === 'degraded' ? '/degraded_eds_health' : '',
  ].join('');
  return found === '' ? 'healthy' : found;
}

/** Rows of the same name are one; facts are those of the first report that has them. */
export function mergeReports(reports: readonly EngineReport[]): EngineReport {
  return {
    families: mergeFamilies(reports.map(({ families }) => families)),
    clusters: byKey(
      reports.flatMap(({ clusters }) => clusters),
      ({ name }) => name,
      (a, b) => ({ ...a, endpoints: mergeEndpoints([...a.endpoints, ...b.endpoints]) }),
    ),
    listeners: byKey(
      reports.flatMap(({ listeners }) => listeners),
      ({ name }) => name,
      (a, b) => (a.addresses.length >= b.addresses.length ? a : b),
    ),
  };
}

const mergeEndpoints = (endpoints: readonly EndpointReport[]): EndpointReport[] =>
  byKey(
    endpoints,
    ({ address, facts }) => `${address} ${facts['transport'] ?? ''}`,
    (a, b) => ({
      ...a,
      counts: Object.fromEntries(
        Object.entries(a.counts).map(([name, count]) => [name, count + (b.counts[name] ?? 0)]),
      ),
    }),
  );

function byKey<Row>(rows: readonly Row[], key: (row: Row) => string, merge: (a: Row, b: Row) => Row): Row[] {
  const found = new Map<string, Row>();
  for (const row of rows) {
    const known = found.get(key(row));
    found.set(key(row), known === undefined ? row : merge(known, row));
  }
  return [...found.values()];
}
