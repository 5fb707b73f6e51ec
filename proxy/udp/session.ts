/** One session of UDP: a caller's address and port, an endpoint, a socket between them. It is its own record. Ends when idle. */
import type { DatagramSocket } from '../listen/datagram-socket.ts';
import type {
  DatagramHandler,
  DatagramPath,
  EndpointRuntime,
  ExchangeRecord,
  ReusableTimer,
  TimerTarget,
} from '../ports.ts';
import { ResponseFlag, type ResponseFlags } from '../response-flags.ts';
import type { UdpCaller } from './caller.ts';
import type { UdpProxyRuntime } from './udp-proxy.ts';

export class UdpSession implements DatagramHandler, TimerTarget, ExchangeRecord {
  readonly kind = 'tcp';
  readonly key: string;
  readonly downstream: UdpCaller;
  readonly endpoint: EndpointRuntime;
  readonly clusterName: string;
  readonly source: string;
  readonly startWall: number;
  readonly status = 0;
  readonly grpcStatus = -1;
  readonly protocol = '';
  readonly method = '';
  readonly path = '';
  readonly authority = '';
  readonly routeName = '';
  readonly attempts = 1;
  readonly upstream = undefined;
  readonly requestTxDuration = -1;
  readonly requestDuration = -1;
  readonly responseDuration = -1;
  readonly responseTxDuration = -1;
  duration = -1;
  details = '';
  flags: ResponseFlags = ResponseFlag.none;
  bytesReceived = 0;
  bytesSent = 0;
  readonly line: DatagramPath | undefined;
  readonly #proxy: UdpProxyRuntime;
  readonly #at: DatagramSocket;
  readonly #idle: ReusableTimer;
  #ended = false;

  /** Undefined: the cluster has no room. */
  static open(
    key: string,
    proxy: UdpProxyRuntime,
    endpoint: EndpointRuntime,
    downstream: UdpCaller,
    at: DatagramSocket,
  ): UdpSession | undefined {
    const session = new UdpSession(key, proxy, endpoint, downstream, at);
    return session.line === undefined ? undefined : session;
  }

  private constructor(
    key: string,
    proxy: UdpProxyRuntime,
    endpoint: EndpointRuntime,
    downstream: UdpCaller,
    at: DatagramSocket,
  ) {
    this.key = key;
    this.#proxy = proxy;
    this.endpoint = endpoint;
    this.downstream = downstream;
    this.#at = at;
    this.clusterName = endpoint.cluster.name;
    this.source = downstream.listener.source ?? '';
    const { runtime } = proxy.parts;
    this.startWall = runtime.wall.now();
    this.#idle = runtime.timers.create(this, 0);
    this.line = endpoint.openDatagrams(this, proxy.conf.maxUpstreamDatagramBytes);
  }

  /** From the caller. */
  forward(bytes: Uint8Array): void {
    this.bytesReceived += bytes.length;
    this.#idle.start(this.#proxy.conf.idleTimeout);
    this.line?.send(bytes);
  }

  answered(bytes: Uint8Array): void {
    const { stats, conf } = this.#proxy;
    const { ip, port } = this.downstream.remote;
    this.#idle.start(conf.idleTimeout);
    this.bytesSent += bytes.length;
    stats.sent.add(1);
    stats.sentBytes.add(bytes.length);
    this.#at.send(bytes, port, ip, this.#left);
  }

  timerFired(): void {
    this.details = 'udp_session_idle_timeout';
    this.flags |= ResponseFlag.streamIdleTimeout;
    this.#proxy.stats.idleTimeout.add(1);
    this.end();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#idle.stop();
    this.line?.close();
    this.duration = this.#proxy.parts.runtime.clock.now() - this.downstream.acceptedAt;
    this.#proxy.ended(this);
  }

  requestHeader(): undefined {
    return undefined;
  }

  responseHeader(): undefined {
    return undefined;
  }

  readonly #left = (error: Error | null): void => {
    if (error !== null) this.#proxy.stats.sendErrors.add(1);
  };
}
