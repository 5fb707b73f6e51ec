/** Many cases in one Envoy bootstrap: a listener of its own for each case, so that an engine starts once for all of them. */
import type { Place } from '../streams/index.ts';
import type { Case, CaseCluster, CaseEndpoint } from './case.ts';

const DEFAULT_CLUSTERS = { a: {}, b: {}, c: {} };
const ROUTER = {
  name: 'envoy.filters.http.router',
  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
};

export interface BootstrapInput {
  readonly cases: readonly Case[];
  /** Port, or path of the Unix socket, of each backend by name. */
  readonly backends: Readonly<Record<string, Place>>;
  /** Unix socket of the admin interface. */
  readonly adminPath: string;
  /** The file that `{{log}}` names in a case. */
  readonly logPath: (index: number) => string;
}

/** Cluster names are rewritten per case (`a` becomes `<case number>-a`) wherever a field `cluster` or a weighted cluster's `name` says so. */
export function caseBootstrap({
  cases: written,
  backends,
  adminPath,
  logPath,
}: BootstrapInput): Record<string, unknown> {
  const cases = written.map((one, index) => filledIn(one, index, logPath(index)));
  return {
    // As zone aware routing sees it: one proxy here, three elsewhere.
    node: { id: 'cases', cluster: 'cases', locality: { zone: 'here' } },
    cluster_manager: { local_cluster_name: 'proxies' },
    admin: { address: { pipe: { path: adminPath } } },
    layered_runtime: {
      layers: [
        { name: 'cases', static_layer: Object.assign({}, ...cases.map(({ runtime }) => runtime ?? {})) as object },
        { name: 'admin', admin_layer: {} },
      ],
    },
    bootstrap_extensions: [
      {
        name: 'envoy.bootstrap.internal_listener',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener',
        },
      },
    ],
    static_resources: {
      listeners: cases.flatMap((one, index) => [listener(one, index), ...furtherListeners(one, index)]),
      clusters: [
        {
          name: 'proxies',
          type: 'STATIC',
          load_assignment: {
            cluster_name: 'proxies',
            endpoints: ['here', 'there', 'there', 'there'].map((zone, index) => ({
              locality: { zone },
              lb_endpoints: [{ endpoint: { address: addressOf(index + 1) } }],
            })),
          },
        },
        ...cases.flatMap((one, index) => clusters(one, index, backends)),
      ],
    },
  };
}

export const listenerName = (index: number): string => `case-${index}`;

/** Copies `value` with what stands in double braces filled in (case.ts). */
export function filledIn<T>(value: T, index: number, log = ''): T {
  if (typeof value === 'string') {
    return value
      .replaceAll('{{log}}', log)
      .replaceAll('{{listener}}', listenerName(index))
      .replace(/\{\{cluster:([^}]*)\}\}/g, `${index}-$1`) as T;
  }
  if (Array.isArray(value)) return value.map((item: unknown) => filledIn(item, index, log)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [filledIn(key, index, log), filledIn<unknown>(item, index, log)]),
  ) as T;
}

const furtherListeners = (one: Case, index: number): unknown[] =>
  Object.entries(one.further_listeners ?? {}).map(([name, fields]) => ({
    name: `${listenerName(index)}-${name}`,
    ...(scoped(fields, index) as Record<string, unknown>),
  }));

function listener(one: Case, index: number): unknown {
  const virtualHosts = one.virtual_hosts ?? [{ name: 'all', domains: ['*'], routes: one.routes ?? [] }];
  const own = scoped(one.listener ?? {}, index) as Record<string, unknown>;
  return {
    name: listenerName(index),
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    ...(own['udp_listener_config'] === undefined ? { filter_chains: chains(one, index, virtualHosts) } : {}),
    ...own,
  };
}

function chains(one: Case, index: number, virtualHosts: readonly unknown[]): unknown[] {
  return [
    {
      filters: [
        {
          name: 'envoy.filters.network.http_connection_manager',
          typed_config: {
            '@type':
              'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            stat_prefix: listenerName(index),
            http_filters: [ROUTER],
            ...one.http_connection_manager,
            ...routesOf(one, index, virtualHosts),
          },
        },
      ],
    },
  ];
}

function routesOf(one: Case, index: number, virtualHosts: readonly unknown[]): Record<string, unknown> {
  const own = one.http_connection_manager?.['scoped_routes'];
  if (own !== undefined) return { scoped_routes: scoped(own, index) };
  return {
    route_config: { name: listenerName(index), virtual_hosts: scoped(virtualHosts, index), ...one.route_config },
  };
}

/** Copies `value` with every cluster name scoped to the case. */
function scoped(value: unknown, index: number, within = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => scoped(item, index, within));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isName = key === 'cluster' || (key === 'name' && within === 'weighted_clusters.clusters');
      if (isName && typeof item === 'string') return [key, `${index}-${item}`];
      const inside =
        key === 'weighted_clusters'
          ? key
          : within === 'weighted_clusters' && key === 'clusters'
            ? `${within}.clusters`
            : '';
      return [key, scoped(item, index, inside)];
    }),
  );
}

function clusters(one: Case, index: number, backends: Readonly<Record<string, Place>>): unknown[] {
  return Object.entries<CaseCluster>(one.clusters ?? DEFAULT_CLUSTERS).map(
    ([name, { backend = name, named, endpoints = [{ backend }], ...fields }]) => ({
      name: `${index}-${name}`,
      connect_timeout: '2s',
      ...('cluster_type' in fields && named === undefined
        ? {}
        : { load_assignment: { cluster_name: `${index}-${name}`, endpoints: localities(endpoints, backends, named) } }),
      ...('cluster_type' in fields ? {} : { type: 'STATIC' }),
      ...fields,
    }),
  );
}

function localities(
  endpoints: readonly CaseEndpoint[],
  backends: Readonly<Record<string, Place>>,
  named: string | undefined,
): unknown[] {
  const groups = new Map<string, CaseEndpoint[]>();
  for (const endpoint of endpoints) {
    const key = `${endpoint.zone ?? ''}/${endpoint.priority ?? 0}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [endpoint]);
    else group.push(endpoint);
  }
  return [...groups.values()].map((group) => ({
    ...(group[0]?.zone === undefined ? {} : { locality: { zone: group[0].zone } }),
    ...(group[0]?.priority === undefined ? {} : { priority: group[0].priority }),
    ...(group[0]?.locality_weight === undefined ? {} : { load_balancing_weight: group[0].locality_weight }),
    lb_endpoints: group.map(
      ({
        backend,
        internal,
        ip,
        further_ips: furtherIps,
        weight,
        health,
        lb,
        metadata,
        hostname,
        health_check_config,
      }) => ({
        endpoint: {
          address:
            internal === undefined
              ? addressOf(backends[backend ?? ''] ?? 1, ip ?? named)
              : { envoy_internal_address: { server_listener_name: internal } },
          hostname,
          health_check_config,
          additional_addresses: furtherIps?.map((further) => ({
            address: addressOf(backends[backend ?? ''] ?? 1, further),
          })),
        },
        ...(weight === undefined ? {} : { load_balancing_weight: weight }),
        ...(health === undefined ? {} : { health_status: health }),
        ...(lb === undefined && metadata === undefined
          ? {}
          : {
              metadata: {
                filter_metadata: withPorts({ ...(lb === undefined ? {} : { 'envoy.lb': lb }), ...metadata }, backends),
              },
            }),
      }),
    ),
  }));
}

/** Copies `value` with ports of backends where it says `{{port:NAME}}`; 1 is nobody's. */
export const withPorts = <T>(value: T, backends: Readonly<Record<string, Place>>): T =>
  JSON.parse(
    JSON.stringify(value).replaceAll(/\{\{port:([^}]*)\}\}/g, (_, name: string) => String(backends[name] ?? 1)),
  ) as T;

const addressOf = (place: Place, name = '127.0.0.1'): unknown =>
  typeof place === 'string' ? { pipe: { path: place } } : { socket_address: { address: name, port_value: place } };
