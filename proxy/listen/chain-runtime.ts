/**
 * One filter chain at run time: its TLS side, network filters and terminal filter, built once a configuration. Connections that it accepted stay
 * with it; a changed chain is a new object beside the old one, but for its access rules, which it takes over.
 */
import { createRequire } from 'node:module';
import type { AccessLog, FilterChain, HttpConnectionManager, Listener, ScopedRoutes } from '@weft/core/proxy-config';
import { speaksHttp2 } from '../http2/alpn.ts';
import type {
  AccessLogger,
  ClusterDirectory,
  CompiledRoutes,
  DownstreamConnection,
  EngineRuntime,
  ExchangeRecord,
  HttpPath,
  RouteSource,
} from '../ports.ts';
import type { Registry } from '../telemetry/registry.ts';
import { DownstreamTls, type DownstreamTlsConf, type TlsMaterial } from '../transport/index.ts';
import { ChainFilters, type PreparedFilters } from './chain-filters.ts';

const require = createRequire(import.meta.url);
/** Loaded with the first chain that ends in a TCP proxy. */
const tcp = () => require('../tcp/tcp-proxy.ts') as typeof import('../tcp/tcp-proxy.ts');

/** What chains are made of; one object per engine. */
export interface ChainParts {
  readonly runtime: EngineRuntime;
  readonly registry: Registry;
  readonly material: TlsMaterial;
  readonly http: HttpPath;
  readonly clusters: ClusterDirectory;
  /** The cell of a route table of `routes`, by name. */
  readonly routes: (name: string) => RouteSource;
  /** Throws an error that says what cannot be built. */
  readonly scopedRoutes: (row: ScopedRoutes) => RouteSource;
  readonly accessLoggers: (logs: readonly AccessLog[]) => readonly AccessLogger[];
}

export interface Terminal {
  /** Asks callers to go whose protocol has words for it between two exchanges (HTTP/2: GOAWAY). Nothing closes for it. */
  ask(): void;
  drain(): void;
  destroy(): void;
  readonly openConnections: number;
  readonly openExchanges: number;
}

/** What a filter chain ends in. */
export interface StreamTerminal extends Terminal {
  accept(connection: DownstreamConnection): void;
  /** A filter before it refused a connection: where it has a log of connections it stands there. */
  refused?(record: ExchangeRecord): void;
}

export interface DrainState {
  draining: boolean;
}

export class ChainRuntime {
  #chain: FilterChain;
  /** While it is set, answers of this chain ask their callers to go. */
  readonly drainState: DrainState = { draining: false };
  readonly tls: DownstreamTls | undefined;
  readonly filters: ChainFilters;
  readonly terminal: StreamTerminal;

  /** Throws `MissingSecret`, or an error whose message says what cannot be built. */
  constructor(chain: FilterChain, listener: Listener, parts: ChainParts, same: (a: unknown, b: unknown) => boolean) {
    this.#chain = chain;
    this.tls =
      chain.transport.kind === 'tls'
        ? new DownstreamTls(offered(chain, chain.transport), chain.transportConnectTimeout, parts.material)
        : undefined;
    this.filters = new ChainFilters(chain.networkFilters, parts, same);
    this.terminal = terminalFor(chain, listener, this.drainState, parts);
  }

  get chain(): FilterChain {
    return this.#chain;
  }

  /** Takes the access rules of `chain`, which is otherwise the same; open connections are judged by them at once. */
  adopt(chain: FilterChain, prepared: PreparedFilters): void {
    this.#chain = chain;
    this.filters.adopt(prepared);
  }
}

/** What the connection manager's codec excludes is not offered to callers. */
const offered = ({ terminal }: FilterChain, transport: DownstreamTlsConf): DownstreamTlsConf =>
  terminal.kind === 'http-connection-manager' && terminal.manager.codec === 'http1'
    ? { ...transport, alpnProtocols: transport.alpnProtocols.filter((protocol) => !speaksHttp2(protocol)) }
    : transport;

function terminalFor(chain: FilterChain, listener: Listener, drain: DrainState, parts: ChainParts): StreamTerminal {
  if (chain.terminal.kind === 'tcp-proxy') {
    const { proxy } = chain.terminal;
    const loggers = parts.accessLoggers(proxy.accessLogs);
    const bySni = chain.networkFilters.some(({ kind }) => kind === 'sni-cluster');
    return new (tcp().TcpProxyRuntime)(proxy, bySni, parts.runtime, parts.clusters, loggers, parts.registry);
  }
  const { manager } = chain.terminal;
  return parts.http.createManager(manager, {
    listener,
    routes: routesOf(manager, parts),
    clusters: parts.clusters,
    accessLoggers: parts.accessLoggers(manager.accessLogs),
    drain,
  });
}

function routesOf({ routes }: HttpConnectionManager, parts: ChainParts): RouteSource {
  switch (routes.kind) {
    case 'rds':
      return parts.routes(routes.name);
    case 'scoped':
      return parts.scopedRoutes(routes);
    case 'inline':
      return inline(routes.configuration, parts);
  }
}

function inline(
  configuration: Parameters<HttpPath['compileRoutes']>[0],
  parts: ChainParts,
): { readonly current: CompiledRoutes } {
  const compiled = parts.http.compileRoutes(configuration);
  if ('faults' in compiled) throw new Error(compiled.faults.join('; '));
  return { current: compiled.routes };
}
