/**
 * The listener filter envoy.filters.udp_listener.udp_proxy: datagrams of one caller and port are a session with one endpoint, until nothing
 * came for its idle time. A caller that would take more than its part of the cluster's sessions gets no new one; every drop is counted.
 */
import type { RemoteInfo } from 'node:dgram';
import type { Listener, UdpProxy } from '@weft/core/proxy-config';
import { socketEnd } from '../listen/connection.ts';
import type { DatagramSocket } from '../listen/datagram-socket.ts';
import type {
  AccessLogger,
  ClusterDirectory,
  ClusterRuntime,
  EndpointRuntime,
  EngineRuntime,
  PickContext,
} from '../ports.ts';
import type { Registry } from '../telemetry/registry.ts';
import { xxHash64, xxHash64Utf8 } from '../upstream/hash/index.ts';
import { UdpCaller } from './caller.ts';
import { UdpSession } from './session.ts';
import { UdpStats } from './stats.ts';

/** The part of a cluster's sessions (max_connections) that one source address may hold. */
const SOURCE_SHARE = 0.75;

export interface UdpParts {
  readonly runtime: EngineRuntime;
  readonly registry: Registry;
  readonly clusters: ClusterDirectory;
  readonly accessLoggers: readonly AccessLogger[];
  readonly nextConnectionId: () => number;
}

export class UdpProxyRuntime {
  readonly conf: UdpProxy;
  readonly parts: UdpParts;
  readonly stats: UdpStats;
  readonly #listener: Listener;
  readonly #sessions = new Map<string, UdpSession>();
  readonly #bySource = new Map<string, number>();
  #draining = false;

  constructor(conf: UdpProxy, listener: Listener, parts: UdpParts) {
    this.conf = conf;
    this.#listener = listener;
    this.parts = parts;
    this.stats = new UdpStats(parts.registry, conf.statPrefix, () => this.#sessions.size);
  }

  get openConnections(): number {
    return this.#sessions.size;
  }

  /** Nothing says of a session that it is at work: none is waited for. */
  get openExchanges(): number {
    return 0;
  }

  datagram(bytes: Uint8Array, from: RemoteInfo, at: DatagramSocket): void {
    const { stats, conf } = this;
    const cluster = this.parts.clusters.get(conf.cluster);
    if (cluster === undefined) {
      stats.noRoute.add(1);
      return;
    }
    const key = `${from.address} ${from.port} ${at.key}`;
    const session = conf.perPacketLoadBalancing
      ? this.#perPacket(key, cluster, from, at)
      : this.#sticky(key, cluster, from, at);
    if (session === undefined) return;
    stats.received.add(1);
    stats.receivedBytes.add(bytes.length);
    session.forward(bytes);
  }

  ask(): void {
    // UDP has no words for it.
  }

  /** New sessions are refused from now on. */
  drain(): void {
    this.#draining = true;
  }

  destroy(): void {
    for (const session of this.#sessions.values()) session.end();
  }

  ended(session: UdpSession): void {
    this.#sessions.delete(session.key);
    const { ip } = session.downstream.remote;
    const left = (this.#bySource.get(ip) ?? 1) - 1;
    if (left > 0) this.#bySource.set(ip, left);
    else this.#bySource.delete(ip);
    for (const logger of this.parts.accessLoggers) logger.log(session);
  }

  #sticky(key: string, cluster: ClusterRuntime, from: RemoteInfo, at: DatagramSocket): UdpSession | undefined {
    const known = this.#sessions.get(key);
    if (known?.line?.usable === true) return known;
    const endpoint = cluster.pick(this.#context(from.address));
    // As Envoy: no better endpoint, so the session stays where it is, unless its endpoint is gone.
    if (known !== undefined && !known.endpoint.retired && (endpoint === undefined || endpoint === known.endpoint)) {
      return known;
    }
    known?.end();
    return endpoint === undefined ? undefined : this.#open(key, endpoint, cluster, from, at);
  }

  #perPacket(caller: string, cluster: ClusterRuntime, from: RemoteInfo, at: DatagramSocket): UdpSession | undefined {
    const endpoint = cluster.pick(this.#context(from.address));
    if (endpoint === undefined) return undefined;
    const key = `${caller} ${endpoint.address}`;
    const known = this.#sessions.get(key);
    if (known?.endpoint === endpoint) return known;
    known?.end();
    return this.#open(key, endpoint, cluster, from, at);
  }

  #open(
    key: string,
    endpoint: EndpointRuntime,
    cluster: ClusterRuntime,
    from: RemoteInfo,
    at: DatagramSocket,
  ): UdpSession | undefined {
    if (this.#draining) return undefined;
    const remote = socketEnd(from.address, from.port);
    const held = this.#bySource.get(remote.ip) ?? 0;
    if (held >= Math.ceil(cluster.config.circuitBreakers.default.maxConnections * SOURCE_SHARE)) {
      this.stats.sourceLimited.add(1);
      return undefined;
    }
    const local = socketEnd(at.address.kind === 'ip' ? at.address.ip : '', at.port);
    const caller = new UdpCaller(
      this.parts.nextConnectionId(),
      remote,
      local,
      this.#listener,
      this.parts.runtime.clock.now(),
    );
    const session = UdpSession.open(key, this, endpoint, caller, at);
    if (session === undefined) return undefined;
    this.#sessions.set(key, session);
    this.#bySource.set(remote.ip, held + 1);
    this.stats.total.add(1);
    return session;
  }

  #context(ip: string): PickContext {
    const { hashPolicy } = this.conf;
    const hash =
      hashPolicy.kind === 'none' ? undefined : hashPolicy.kind === 'key' ? xxHash64Utf8(hashPolicy.key) : xxHash64(ip);
    return { hash, downstream: undefined, avoidTried: false, hasTried: () => false };
  }
}
