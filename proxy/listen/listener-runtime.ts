/**
 * One listener at run time: its row, its chains and what it accepted. Sockets belong to the engine's table; this object owns what comes from them.
 */
import { createRequire } from 'node:module';
import type { RemoteInfo } from 'node:dgram';
import type { Socket } from 'node:net';
import { addressText, type FilterChain, type Listener, type UdpProxy } from '@weft/core/proxy-config';
import type { AccessLogger, Counter, ExchangeRecord, PassedConnection, SocketEnd } from '../ports.ts';
import type { UdpProxyRuntime } from '../udp/index.ts';
import { Arrival } from './arrival.ts';
import { ChainMatcher, type ConnectionTraits } from './chain-match.ts';
import { type PreparedFilters, withoutRules } from './chain-filters.ts';
import { type ChainParts, ChainRuntime, type Terminal } from './chain-runtime.ts';
import type { DatagramOwner, DatagramSocket } from './datagram-socket.ts';
import type { Inheritance } from './inheritance.ts';
import { type InternalConnections, passedDestination } from './internal.ts';
import { ListenerStats } from './listener-stats.ts';
import { socketEnd } from './connection.ts';
import type { ProxyProtocolConf } from './proxy-header.ts';
import { ProxyHeaderStats } from './proxy-header-stats.ts';
import { type AcceptedAt, type SharedBinding, type SocketOwner } from './socket-table.ts';

const require = createRequire(import.meta.url);
/** Loaded with the first UDP listener. */
const udp = () => require('../udp/index.ts') as typeof import('../udp/index.ts');

/** What listeners share beside the parts of chains. */
export interface ListenerSetting {
  readonly parts: ChainParts;
  readonly nextConnectionId: () => number;
  /** Takes a place for one connection; false: the engine is full. */
  readonly admit: () => boolean;
  readonly leave: () => void;
  /** Absent: the addresses are this engine's alone. */
  readonly sharedBinding?: SharedBinding | undefined;
  /** Sockets that the process before this one left open; absent: there was none. */
  readonly inheritance?: Inheritance | undefined;
  /** Where listeners that only this engine reaches stand. */
  readonly internal: InternalConnections;
  /** Where a redirected connection was meant to go; undefined: it was not redirected. */
  readonly originalDestination:
    | ((socket: Socket) => { readonly ip: string; readonly port: number } | undefined)
    | undefined;
}

export class ListenerRuntime implements SocketOwner, DatagramOwner {
  readonly row: Listener;
  readonly parts: ChainParts;
  /** It accepts no more and does not open again. */
  draining = false;
  readonly stats: ListenerStats;
  readonly chains: readonly ChainRuntime[];
  /** Set: it is a UDP listener. */
  readonly udp: UdpProxyRuntime | undefined;
  readonly inspect: 'nothing' | 'tls' | 'tls-and-http';
  readonly maxHelloBytes: number;
  /** Set: every connection begins with a PROXY header, or may. */
  readonly proxyHeaders: { readonly conf: ProxyProtocolConf; readonly stats: ProxyHeaderStats } | undefined;
  readonly #setting: ListenerSetting;
  readonly #matcher: ChainMatcher<ChainRuntime>;
  readonly #sockets: Set<Socket>;
  readonly #dropped: Counter | undefined;
  /** Of its connections. */
  readonly #loggers: readonly AccessLogger[];
  /** Chains that stay, with the access rules that they are to get. */
  readonly #adoptions = new Map<ChainRuntime, { readonly chain: FilterChain; readonly prepared: PreparedFilters }>();

  /**
   * Chains of `old` that are wanted as they are, or with other access rules, pass over with their connections. Throws `MissingSecret`, or an error that says what cannot be
   * built; `old` is untouched then.
   */
  constructor(
    row: Listener,
    setting: ListenerSetting,
    old: ListenerRuntime | undefined,
    same: (a: unknown, b: unknown) => boolean,
  ) {
    this.row = row;
    this.parts = setting.parts;
    this.#setting = setting;
    this.#sockets = old === undefined ? new Set() : old.#sockets;
    this.stats = new ListenerStats(setting.parts.registry, statLabel(row));
    const keep =
      old !== undefined && old.row.name === row.name && old.row.direction === row.direction ? old.chains : [];
    const build = (chain: FilterChain): ChainRuntime => {
      const whole = keep.find((known) => same(known.chain, chain));
      if (whole !== undefined) return whole;
      const but = withoutRules(chain);
      const known = keep.find((one) => !this.#adoptions.has(one) && same(withoutRules(one.chain), but));
      if (known === undefined) return new ChainRuntime(chain, row, setting.parts, same);
      this.#adoptions.set(known, { chain, prepared: known.filters.prepare(chain.networkFilters) });
      return known;
    };
    const listed = row.filterChains.map((chain) => [chain, build(chain)] as const);
    const fallback = row.defaultFilterChain === undefined ? undefined : build(row.defaultFilterChain);
    this.chains = [...listed.map(([, chain]) => chain), ...(fallback === undefined ? [] : [fallback])];
    this.#matcher = new ChainMatcher(listed, fallback);
    this.inspect = inspection(row);
    this.#loggers = row.udp === undefined ? setting.parts.accessLoggers(row.accessLogs) : [];
    if (row.udp !== undefined) {
      this.#dropped = this.stats.scope.counter('udp.downstream_rx_datagram_dropped');
      const kept = old?.udp?.conf === row.udp ? old.udp : undefined;
      this.udp = kept ?? udpProxy(row.udp, row, setting);
    }
    this.maxHelloBytes =
      row.listenerFilters.find((filter) => filter.kind === 'tls-inspector')?.maxClientHelloBytes ?? 16_384;
    const conf = row.listenerFilters.find((filter) => filter.kind === 'proxy-protocol');
    if (conf !== undefined) {
      this.proxyHeaders = { conf, stats: new ProxyHeaderStats(setting.parts.registry, conf.statPrefix) };
    }
  }

  /** To call when this object takes the place of `old`: chains that stay get their new access rules. */
  begin(): void {
    for (const [known, { chain, prepared }] of this.#adoptions) known.adopt(chain, prepared);
    this.#adoptions.clear();
  }

  get logged(): boolean {
    return this.#loggers.length > 0;
  }

  /** A connection that ended. */
  log(record: ExchangeRecord): void {
    for (const logger of this.#loggers) logger.log(record);
  }

  accept(socket: Socket, at: AcceptedAt): void {
    if (this.parts.runtime.overload.refusesConnections) {
      this.stats.shed.add(1);
      socket.destroy();
      return;
    }
    const place = this.#takePlace();
    if (place === undefined) {
      this.stats.overflow.add(1);
      socket.destroy();
      return;
    }
    this.stats.total.add(1);
    this.stats.active.add(1);
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.stats.active.add(-1);
      this.stats.destroyed.add(1);
      place();
    });
    new Arrival(this.#setting.nextConnectionId(), socket, this, at).start();
  }

  /** A place of this listener's and of the engine's; to call when the connection has ended. Undefined: one of them is full. */
  #takePlace(): (() => void) | undefined {
    const { connectionLimit: limit, ignoresConnectionLimit } = this.row;
    const counts = ignoresConnectionLimit !== true;
    if (limit === undefined)
      return counts ? (this.#setting.admit() ? this.#setting.leave : undefined) : () => undefined;
    const ledger = this.parts.runtime.limits?.connections(limit);
    const room =
      ledger === undefined ? this.#sockets.size < limit.maxConnections : ledger.take(0, limit.maxConnections);
    if (!room) return undefined;
    if (counts && !this.#setting.admit()) {
      ledger?.give(0);
      return undefined;
    }
    return () => {
      ledger?.give(0);
      if (counts) this.#setting.leave();
    };
  }

  datagram(bytes: Uint8Array, from: RemoteInfo, at: DatagramSocket): void {
    const { udp, row } = this;
    if (udp === undefined || row.udp === undefined) return;
    if (bytes.length > row.udp.maxDatagramBytes) this.#dropped?.add(1);
    else udp.datagram(bytes, from, at);
  }

  /** What connections and datagrams end in. */
  get terminals(): readonly Terminal[] {
    const terminals = this.chains.map(({ terminal }) => terminal);
    return this.udp === undefined ? terminals : [...terminals, this.udp];
  }

  chainFor(traits: ConnectionTraits): ChainRuntime | undefined {
    return this.#matcher.find(traits);
  }

  originalDestination(socket: Socket, passed: PassedConnection | undefined): SocketEnd | undefined {
    if (!this.row.listenerFilters.some(({ kind }) => kind === 'original-dst')) return undefined;
    if (passed !== undefined) return originalEnd(passedDestination(passed.metadata));
    return originalEnd(this.#setting.originalDestination?.(socket));
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Cuts every connection it accepted. */
  destroy(): void {
    for (const terminal of this.terminals) terminal.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** What its statistics are called by. */
export const statLabel = ({ statPrefix, address }: Listener): string => statPrefix ?? addressText(address);

const udpProxy = (conf: UdpProxy, row: Listener, { parts, nextConnectionId }: ListenerSetting): UdpProxyRuntime =>
  new (udp().UdpProxyRuntime)(conf, row, {
    runtime: parts.runtime,
    registry: parts.registry,
    clusters: parts.clusters,
    accessLoggers: parts.accessLoggers(conf.accessLogs),
    nextConnectionId,
  });

function originalEnd(found: { readonly ip: string; readonly port: number } | undefined): SocketEnd | undefined {
  return found === undefined ? undefined : socketEnd(found.ip, found.port);
}

/** As Envoy, which adds the TLS inspector when a chain's match needs it. */
function inspection(row: Listener): ListenerRuntime['inspect'] {
  if (row.listenerFilters.some(({ kind }) => kind === 'http-inspector')) return 'tls-and-http';
  const needed = row.filterChains.some(
    ({ match }) =>
      match.serverNames.length > 0 || match.applicationProtocols.length > 0 || match.transportProtocol !== '',
  );
  return needed || row.listenerFilters.some(({ kind }) => kind === 'tls-inspector') ? 'tls' : 'nothing';
}
