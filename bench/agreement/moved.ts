/**
 * The rows of one proxy of one mesh, moved into a batch. Changed are names (a number before each), addresses (Unix sockets), and where rows come
 * from (all in one file): not what is decided. EnginePatches are applied first, to the rows as they are sent.
 */
import path from 'node:path';
import type {
  CertificateSource,
  Cluster,
  Endpoint,
  FilterChain,
  HttpFilter,
  Listener,
  PatchedConfig,
  Route,
  RouteConfiguration,
  SocketAddress,
  TrustSource,
  UpstreamTransport,
} from '@weft/core/proxy-config';
import { STATIC_SECRET } from '@weft/core/proxy-config';
import { patchedResource, type PatchedResource } from '@weft/envoy/patch';
import { type ClientProfile, ENVOY_PROFILE } from '@weft/envoy/profile';
import type { Applications } from './applications.ts';
import { EDGE, nameOf, OUTSIDE } from './generate/words.ts';

/** Where a proxy listens instead of on a port. */
export const socketOf = (folder: string, index: number, workload: string, port: number): string =>
  path.join(folder, `${index}-${nameOf(workload)}-${port}`);

/** Where a Gateway listens that takes PROXY headers: who connects is asked there, and a Unix socket tells nobody. Of this process alone. */
export const addressOf = (
  isEnvoy: boolean,
  index: number,
  port: number,
): { readonly ip: string; readonly port: number } => ({
  ip: `127.${64 + (process.pid % 64)}.${(isEnvoy ? 128 : 0) + (index >> 8)}.${index & 255}`,
  port: 20_000 + port,
});

export const TRUST = 'trust';
export const EDGE_CERTIFICATE = 'edge';

export interface Placed {
  readonly folder: string;
  /** Number of the mesh within the batch. */
  readonly index: number;
  /** Key. */
  readonly workload: string;
  /** Name of the secret with its certificate. */
  readonly identity: string;
  readonly applications: Applications;
  readonly profile: ClientProfile;
}

export class Moved {
  readonly #at: Placed;
  readonly #config: PatchedConfig;

  constructor(at: Placed, config: PatchedConfig) {
    this.#at = at;
    this.#config = config;
  }

  #name(name: string): string {
    return `${this.#at.index}/${nameOf(this.#at.workload)}/${name}`;
  }

  #pipe(workload: string, port: number): SocketAddress {
    return { kind: 'pipe', path: socketOf(this.#at.folder, this.#at.index, workload, port), mode: 0 };
  }

  #listensAt({ listenerFilters }: Listener, port: number): SocketAddress {
    const { workload, index, profile } = this.#at;
    // To workloads' ports of this kind nobody connects.
    return nameOf(workload) === nameOf(EDGE) && listenerFilters.some(({ kind }) => kind === 'proxy-protocol')
      ? { kind: 'ip', ...addressOf(profile === ENVOY_PROFILE, index, port) }
      : this.#pipe(workload, port);
  }

  #patched<Kind extends PatchedResource, Row extends Parameters<typeof patchedResource<Kind>>[1]>(
    kind: Kind,
    row: Row,
  ): Row | undefined {
    const { patches = [] } = this.#config;
    return patches.length === 0 ? row : (patchedResource(kind, row, this.#at.profile, patches).row as Row | undefined);
  }

  listeners(): Listener[] {
    return [...this.#config.listeners.values()].flatMap((row) => {
      const listener = this.#patched('listener', row);
      if (listener === undefined) return [];
      const { address } = listener;
      return {
        ...listener,
        name: this.#name(listener.name),
        address: address.kind === 'ip' ? this.#listensAt(listener, address.port) : address,
        additionalAddresses: [],
        enableReusePort: false,
        accessLogs: [],
        tcpKeepalive: undefined,
        filterChains: listener.filterChains.map((chain) => this.#chain(chain)),
        defaultFilterChain:
          listener.defaultFilterChain === undefined ? undefined : this.#chain(listener.defaultFilterChain),
      };
    });
  }

  clusters(): Cluster[] {
    return [...this.#config.clusters.values()].flatMap((row) => {
      const cluster = this.#patched('cluster', row);
      return cluster === undefined ? [] : this.#cluster(cluster);
    });
  }

  #chain(chain: FilterChain): FilterChain {
    const { terminal, transport } = chain;
    return {
      ...chain,
      transport:
        transport.kind === 'plaintext'
          ? transport
          : {
              ...transport,
              certificates: transport.certificates.map((source) => this.#certificate(source)),
              validation: validation(transport.validation),
            },
      terminal:
        terminal.kind === 'tcp-proxy'
          ? {
              ...terminal,
              proxy: { ...terminal.proxy, destination: this.#destination(terminal.proxy.destination), accessLogs: [] },
            }
          : terminal.kind === 'http-connection-manager'
            ? {
                ...terminal,
                manager: {
                  ...terminal.manager,
                  accessLogs: [],
                  httpFilters: terminal.manager.httpFilters.map((filter) => this.#filter(filter)),
                  routes: { kind: 'inline', configuration: this.#routes(terminal.manager.routes) },
                },
              }
            : terminal,
    };
  }

  /** Whom filters ask. */
  #filter<Filter extends HttpFilter>(filter: Filter): Filter {
    if (filter.kind === 'ext-proc') {
      const { service } = filter;
      return { ...filter, service: { ...service, cluster: this.#name(service.cluster) } };
    }
    if (filter.kind !== 'ext-authz') return filter;
    const { service } = filter;
    return {
      ...filter,
      service: { ...service, service: { ...service.service, cluster: this.#name(service.service.cluster) } },
    } as Filter;
  }

  #certificate(source: CertificateSource): CertificateSource {
    if (source.kind !== 'sds') return source;
    const name = source.name.startsWith('secret/') ? EDGE_CERTIFICATE : this.#at.identity;
    return { kind: 'sds', name, sdsCluster: STATIC_SECRET };
  }

  #destination<Destination extends { readonly kind: string }>(destination: Destination): Destination {
    if ('cluster' in destination) return { ...destination, cluster: this.#name(String(destination.cluster)) };
    if (!('clusters' in destination)) return destination;
    const clusters = destination.clusters as readonly { readonly cluster: string }[];
    return { ...destination, clusters: clusters.map((one) => ({ ...one, cluster: this.#name(one.cluster) })) };
  }

  #routes(routes: {
    readonly kind: string;
    readonly name?: string;
    readonly configuration?: RouteConfiguration;
  }): RouteConfiguration {
    const row = routes.configuration ?? this.#config.routes.get(routes.name ?? '');
    // The patches of an inline table are those of its listener.
    const table = row === undefined || routes.kind === 'inline' ? row : this.#patched('route-configuration', row);
    if (table === undefined) throw new TypeError(`no route table ${routes.name}`);
    return {
      ...table,
      name: this.#name(table.name),
      virtualHosts: table.virtualHosts.map((host) => ({
        ...host,
        routes: host.routes.map((route) => this.#route(route)),
      })),
    };
  }

  #route(route: Route): Route {
    const { action } = route;
    if (action.kind !== 'forward' || action.target.kind === 'cluster-header') return route;
    const { target } = action;
    return {
      ...route,
      action: {
        ...action,
        target:
          target.kind === 'cluster'
            ? { ...target, cluster: this.#name(target.cluster) }
            : { ...target, clusters: target.clusters.map((one) => ({ ...one, cluster: this.#name(one.cluster) })) },
      },
    };
  }

  #cluster(cluster: Cluster): Cluster {
    const { discovery } = cluster;
    if (discovery.kind === 'aggregate')
      return {
        ...cluster,
        name: this.#name(cluster.name),
        discovery: { kind: 'aggregate', clusters: discovery.clusters.map((name) => this.#name(name)) },
      };
    const set =
      discovery.kind === 'eds'
        ? this.#config.endpoints.get(discovery.serviceName)
        : discovery.kind === 'static'
          ? discovery.endpoints
          : undefined;
    if (set === undefined) throw new TypeError(`no endpoints of ${cluster.name}`);
    const name = this.#name(cluster.name);
    return {
      ...cluster,
      name,
      tcpKeepalive: undefined,
      discovery: {
        kind: 'static',
        endpoints: {
          ...set,
          name,
          localities: set.localities.map((locality) => ({
            ...locality,
            endpoints: locality.endpoints.map((endpoint) => ({
              ...endpoint,
              address: this.#behind(endpoint, cluster.name),
            })),
          })),
        },
      },
      transport: this.#upstream(cluster.transport),
    };
  }

  #upstream(transport: UpstreamTransport): UpstreamTransport {
    return transport.kind === 'plaintext'
      ? transport
      : {
          ...transport,
          certificates: transport.certificates.map((source) => this.#certificate(source)),
          validation: validation(transport.validation),
        };
  }

  /** The proxy of the workload, or its application where it has none; of an inbound cluster the own application. */
  #behind({ workload, address }: Endpoint, cluster: string): SocketAddress {
    const { applications } = this.#at;
    if (address.kind !== 'ip') return address;
    const inbound = cluster.startsWith('inbound/');
    const key = inbound ? this.#at.workload : (workload?.workload ?? OUTSIDE);
    const application = applications.port(key, address.port);
    if (application !== undefined) return { kind: 'ip', ip: '127.0.0.1', port: application };
    if (inbound) throw new TypeError(`no application behind ${cluster} of ${key}`);
    return this.#pipe(key, address.port);
  }
}

const validation = <Validation extends { readonly trust: TrustSource } | undefined>(one: Validation): Validation =>
  one === undefined || one.trust.kind === 'inline'
    ? one
    : { ...one, trust: { kind: 'sds', name: TRUST, sdsCluster: STATIC_SECRET } };
