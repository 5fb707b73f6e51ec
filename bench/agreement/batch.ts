/**
 * Many generated meshes in one engine: what the compiler makes for both callers and every called workload of each, in one bootstrap. Changed
 * are names (a number before each), addresses (Unix sockets), and where rows come from (all in the file): not what is decided.
 */
import path from 'node:path';
import { World } from '@weft/compile/answers';
import { Compiler } from '@weft/compile/incremental';
import { sidecarOf } from '@weft/core/mesh-view/testing';
import {
  type SocketAddress,
  type CertificateSource,
  type Cluster,
  type Endpoint,
  type FilterChain,
  type Listener,
  type ProxyConfig,
  type Route,
  type RouteConfiguration,
  STATIC_SECRET,
  type TrustSource,
} from '@weft/core/proxy-config';
import { type ClientProfile, ENVOY_PROFILE, WEFT_PROFILE } from '@weft/envoy/profile';
import { encodeCluster, encodeListener } from '@weft/envoy/resources';
import type { JsonValue } from '@weft/envoy/tables';
import { toJson } from '@weft/envoy/text';
import {
  accountOf,
  APPLICATION_PORT,
  CALLED,
  CALLERS,
  type CallerName,
  type Generated,
  NAMESPACE,
} from './generate.ts';

export type RunningEngine = 'weft' | 'envoy';

export interface BatchInput {
  readonly engine: RunningEngine;
  readonly folder: string;
  readonly meshes: readonly { readonly generated: Generated; readonly world: World }[];
  /** By workload, where its application listens. */
  readonly applications: ReadonlyMap<string, number>;
  /** PEM by account, and of the roots. */
  readonly certificates: ReadonlyMap<string, { readonly chain: string; readonly key: string }>;
  readonly roots: string;
}

/** Where a caller's sidecar takes requests for `front`. */
export const callerSocket = (folder: string, engine: RunningEngine, index: number, caller: CallerName): string =>
  path.join(folder, `${engine}-${index}-${caller}`);

const TRUST = 'trust';
const UPSTREAM_PORT = 9000;

export function batchBootstrap(input: BatchInput): Readonly<Record<string, unknown>> {
  const { engine, certificates, roots } = input;
  const profile = engine === 'weft' ? WEFT_PROFILE : ENVOY_PROFILE;
  const listeners: JsonValue[] = [];
  const clusters: JsonValue[] = [];
  for (const [index, { world }] of input.meshes.entries()) {
    const compiler = new Compiler();
    compiler.update(world.view('default'));
    const add = (workload: string, upstreams: boolean): void => {
      const proxy = sidecarOf(`${NAMESPACE}/${workload}`, {
        engine: { name: engine, version: '', features: [] },
        upstreams: upstreams ? [{ service: `${NAMESPACE}/front`, port: 80, localPort: UPSTREAM_PORT }] : [],
      });
      const moved = new Moved(input, index, workload, compiler.compile(proxy).config);
      for (const listener of moved.listeners()) listeners.push(said(listener, profile, 'listener'));
      for (const cluster of moved.clusters()) clusters.push(said(cluster, profile, 'cluster'));
    };
    for (const caller of CALLERS) add(caller, true);
    for (const called of CALLED) add(called, false);
  }
  const secrets = [...certificates].map(([account, { chain, key }]) => ({
    name: account,
    tls_certificate: { certificate_chain: { inline_string: chain }, private_key: { inline_string: key } },
  }));
  const trust = { name: TRUST, validation_context: { trusted_ca: { inline_string: roots } } };
  return { static_resources: { listeners, clusters, secrets: [...secrets, trust] } };
}

function said(row: Listener | Cluster, profile: ClientProfile, kind: 'listener' | 'cluster'): JsonValue {
  const encoded =
    kind === 'listener' ? encodeListener(row as Listener, profile) : encodeCluster(row as Cluster, profile);
  const faults = encoded.diagnostics.filter(({ severity }) => severity === 'error');
  if (faults.length > 0) throw new TypeError(JSON.stringify(faults));
  return kind === 'listener'
    ? toJson('envoy.config.listener.v3.Listener', encoded.message)
    : toJson('envoy.config.cluster.v3.Cluster', encoded.message);
}

/** The rows of one proxy of one mesh, moved into the batch. */
class Moved {
  readonly #input: BatchInput;
  readonly #index: number;
  readonly #workload: string;
  readonly #config: ProxyConfig;
  readonly #called: boolean;

  constructor(input: BatchInput, index: number, workload: string, config: ProxyConfig) {
    this.#input = input;
    this.#index = index;
    this.#workload = workload;
    this.#config = config;
    this.#called = CALLED.some((name) => name === workload);
  }

  #name(name: string): string {
    return `${this.#index}/${this.#workload}/${name}`;
  }

  #pipe(who: string): SocketAddress {
    const { folder, engine } = this.#input;
    return { kind: 'pipe', path: path.join(folder, `${engine}-${this.#index}-${who}`), mode: 0 };
  }

  listeners(): Listener[] {
    const wanted = [...this.#config.listeners.values()].filter(
      ({ direction }) => direction === (this.#called ? 'inbound' : 'outbound'),
    );
    return wanted.map((listener) => ({
      ...listener,
      name: this.#name(listener.name),
      address: this.#pipe(this.#workload),
      additionalAddresses: [],
      enableReusePort: false,
      accessLogs: [],
      tcpKeepalive: undefined,
      filterChains: listener.filterChains.map((chain) => this.#chain(chain)),
      defaultFilterChain:
        listener.defaultFilterChain === undefined ? undefined : this.#chain(listener.defaultFilterChain),
    }));
  }

  clusters(): Cluster[] {
    const wanted = [...this.#config.clusters.values()].filter(
      ({ discovery }) => (discovery.kind === 'static') === this.#called,
    );
    return wanted.map((cluster) => this.#cluster(cluster));
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
              validation: this.#validation(transport.validation),
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
                  routes: { kind: 'inline', configuration: this.#routes(terminal.manager.routes) },
                },
              }
            : terminal,
    };
  }

  #certificate(source: CertificateSource): CertificateSource {
    return source.kind === 'sds' ? { kind: 'sds', name: accountOf(this.#workload), sdsCluster: STATIC_SECRET } : source;
  }

  #validation<Validation extends { readonly trust: TrustSource } | undefined>(validation: Validation): Validation {
    return validation === undefined
      ? validation
      : { ...validation, trust: { kind: 'sds', name: TRUST, sdsCluster: STATIC_SECRET } };
  }

  #destination<Destination extends { readonly kind: string }>(destination: Destination): Destination {
    return 'cluster' in destination
      ? { ...destination, cluster: this.#name(String(destination.cluster)) }
      : destination;
  }

  #routes(routes: {
    readonly kind: string;
    readonly name?: string;
    readonly configuration?: RouteConfiguration;
  }): RouteConfiguration {
    const table = routes.configuration ?? this.#config.routes.get(routes.name ?? '');
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
    const { discovery, transport } = cluster;
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
            endpoints: locality.endpoints.map((endpoint) => ({ ...endpoint, address: this.#behind(endpoint) })),
          })),
        },
      },
      transport:
        transport.kind === 'plaintext'
          ? transport
          : {
              ...transport,
              certificates: transport.certificates.map((source) => this.#certificate(source)),
              validation: this.#validation(transport.validation),
            },
    };
  }

  /** The proxy of the workload; of an inbound cluster the application. */
  #behind(endpoint: Endpoint): SocketAddress {
    const key = endpoint.workload?.workload;
    if (key !== undefined) return this.#pipe(key.slice(key.indexOf('/') + 1));
    const port = this.#input.applications.get(this.#workload);
    if (endpoint.address.kind !== 'ip' || endpoint.address.port !== APPLICATION_PORT || port === undefined)
      throw new TypeError(`no application behind ${this.#workload}`);
    return { kind: 'ip', ip: '127.0.0.1', port };
  }
}
