/**
 * Opens one connection to an endpoint: TCP or Unix socket, TLS when the endpoint wants it, the endpoint's names checked before a byte of
 * the caller is sent, all within the cluster's connect time-out. It takes and gives back the connection slot, and must never hand out a
 * socket whose peer was not accepted.
 */
import { connect as connectPlain, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ConnectError } from '../errors.ts';
import type { ConnectAttempt, ConnectHandler, ReusableTimer, TimerTarget, UpstreamConnection } from '../ports.ts';
import { socketPath } from '../listen/unix-path.ts';
import { nodeTls } from '../node-on-demand.ts';
import type { UpstreamTls } from '../transport/index.ts';
import type { ClusterBreaker } from './circuit-breaker.ts';
import type { InternalPath } from '../listen/internal.ts';
import type { UpstreamEndpoint } from './endpoint.ts';
import { proxyHeader } from './proxy-header.ts';
import { readInto } from './shared-reads.ts';

/** ms that one of several addresses has before the next is tried. */
const ATTEMPT_TIME = 300;

class Connection implements UpstreamConnection {
  readonly endpoint: UpstreamEndpoint;
  readonly socket: Socket;
  readonly alpn: string;
  readonly peerUriSan: string;
  readonly localAddress: string;
  readonly connectedAt: number;

  constructor(endpoint: UpstreamEndpoint, socket: Socket | TLSSocket, peerUriSan: string) {
    this.endpoint = endpoint;
    this.socket = socket;
    this.alpn = 'alpnProtocol' in socket && typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : '';
    this.peerUriSan = peerUriSan;
    const { localAddress, localPort } = socket;
    this.localAddress = localAddress === undefined ? '' : `${localAddress}:${localPort ?? 0}`;
    this.connectedAt = endpoint.setting.runtime.clock.now();
  }
}

export class Connecting implements ConnectAttempt, TimerTarget {
  readonly #endpoint: UpstreamEndpoint;
  /** Undefined for health checks, which count nowhere. */
  readonly #breaker: ClusterBreaker | undefined;
  readonly #tls: UpstreamTls | undefined;
  /** Instead of the endpoint's; 0: the endpoint's. */
  readonly #port: number;
  #handler: ConnectHandler | undefined;
  #socket: Socket | undefined;
  #timer: ReusableTimer | undefined;
  #reached = false;
  /** To a listener of this engine. */
  #internal: InternalPath | undefined;

  constructor(
    endpoint: UpstreamEndpoint,
    handler: ConnectHandler,
    breaker: ClusterBreaker | undefined,
    tls: UpstreamTls | undefined,
    port = 0,
  ) {
    this.#port = port;
    this.#endpoint = endpoint;
    this.#handler = handler;
    this.#breaker = breaker;
    this.#tls = tls;
  }

  begin(): this {
    if (this.#breaker !== undefined && !this.#mayConnect(this.#breaker)) {
      this.#endpoint.stats.overflow();
      if (this.#endpoint.activeConnections > 0) {
        this.#later('overflow', 'max_connections');
        return this;
      }
      // As Envoy: an endpoint without a connection gets one, else the idle ones of others, or of other threads, would starve it.
      this.#breaker.takeConnection();
    }
    let socket: Socket;
    try {
      socket = this.#open();
    } catch (error) {
      this.#breaker?.releaseConnection();
      this.#later(
        this.#tls === undefined ? 'connect-failed' : 'tls-failed',
        error instanceof Error ? error.message : '',
      );
      return this;
    }
    this.#socket = socket;
    if (this.#breaker !== undefined) this.#endpoint.connectionOpened();
    socket.on('error', (error: Error) =>
      this.#failed(this.#reached && this.#tls !== undefined ? 'tls-failed' : 'connect-failed', error.message),
    );
    socket.once('close', () => {
      this.#internal?.forget();
      this.#breaker?.releaseConnection();
      if (this.#breaker !== undefined) this.#endpoint.connectionClosed();
      this.#failed(this.#reached && this.#tls !== undefined ? 'tls-failed' : 'connect-failed', 'closed');
    });
    socket.once('connect', () => {
      this.#reached = true;
      if (this.#tls === undefined) this.#introduce(socket);
      if (this.#tls === undefined) this.#done(socket, '');
    });
    if (this.#tls !== undefined) socket.once('secureConnect', () => this.#secured(socket as TLSSocket));
    const { timers } = this.#endpoint.setting.runtime;
    this.#timer = timers.create(this, 0);
    this.#timer.start(this.#endpoint.cluster.config.connectTimeout);
    return this;
  }

  #mayConnect(breaker: ClusterBreaker): boolean {
    if (this.#endpoint.activeConnections >= breaker.thresholds.maxConnectionsPerEndpoint) return false;
    return breaker.tryConnection();
  }

  cancel(): void {
    this.#handler = undefined;
    this.#timer?.stop();
    this.#socket?.destroy();
  }

  timerFired(): void {
    this.#failed('connect-timeout', this.#reached ? 'TLS handshake' : 'connect');
  }

  #open(): Socket {
    const { address } = this.#endpoint.endpoint;
    if (address.kind === 'name') throw new Error(`unresolved name ${address.name}`);
    const { tcpKeepalive: keepAlive, sourceAddress } = this.#endpoint.cluster.config;
    if (address.kind === 'internal') this.#internal = this.#endpoint.internalPath(address.listener);
    const where =
      address.kind === 'pipe' || address.kind === 'internal'
        ? { path: address.kind === 'pipe' ? socketPath(address.path) : (this.#internal?.path ?? '') }
        : {
            host: address.ip,
            port: this.#port === 0 ? address.port : this.#port,
            ...(sourceAddress === '' ? {} : { localAddress: sourceAddress }),
            ...this.#eyeballs(address.ip),
          };
    const options = {
      ...where,
      allowHalfOpen: true,
      noDelay: true,
      ...(keepAlive === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: keepAlive.time * 1000 }),
    };
    if (this.#tls === undefined) {
      const reads = this.#handler?.reads;
      if (reads === undefined) return connectPlain(options);
      const onread = readInto(reads, () => socket);
      const socket: Socket = connectPlain({ ...options, onread });
      socket.once('close', onread.release);
      return socket;
    }
    const tls = this.#tls.connectOptions(this.#handler?.alpn, this.#serverName);
    const raw = connectPlain(options);
    raw.on('error', ignore);
    // Before TLS begins, which waits for the same event.
    raw.once('connect', () => this.#introduce(raw));
    return nodeTls().connect({ ...tls, socket: raw });
  }

  /** Several addresses: one after the other, each with its time (Envoy's 300 ms). */
  #eyeballs(first: string): Partial<TcpNetConnectOpts> {
    const { additionalIps = [] } = this.#endpoint.endpoint;
    if (additionalIps.length === 0) return {};
    const all = [first, ...additionalIps].map((ip) => ({ address: ip, family: ip.includes(':') ? 6 : 4 }));
    return {
      // A name, so that Node asks for its addresses.
      host: 'endpoint.invalid',
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ATTEMPT_TIME,
      lookup: (_name, _options, told) => told(null, all),
    };
  }

  get #serverName(): string {
    const { cluster, endpoint } = this.#endpoint;
    const asked = cluster.config.autoSni?.sni === true ? (this.#handler?.serverName ?? '') : '';
    return this.#tls?.serverName(endpoint.hostname, asked) ?? '';
  }

  #introduce(socket: Socket): void {
    if (this.#internal !== undefined) socket.write(this.#internal.token);
    const { proxyProtocol } = this.#endpoint.cluster.config;
    if (proxyProtocol !== undefined) socket.write(proxyHeader(proxyProtocol, this.#handler?.downstream, socket));
  }

  #secured(socket: TLSSocket): void {
    if (this.#handler === undefined || this.#tls === undefined) return;
    const { autoSni } = this.#endpoint.cluster.config;
    const asked = autoSni?.san === true ? (this.#handler.serverName ?? '') : undefined;
    const verdict = this.#tls.judge(socket, this.#serverName, asked);
    if (verdict.ok) this.#done(socket, verdict.peer.uriSans[0] ?? '');
    else {
      this.#endpoint.refusedPeer(verdict.reason, verdict.detail);
      this.#failed('tls-failed', verdict.reason);
    }
  }

  #done(socket: Socket, peerUriSan: string): void {
    const handler = this.#handler;
    if (handler === undefined) return;
    this.#handler = undefined;
    this.#timer?.stop();
    handler.connected(new Connection(this.#endpoint, socket, peerUriSan));
  }

  #failed(error: ConnectError, detail: string): void {
    const handler = this.#handler;
    if (handler === undefined) return;
    this.#handler = undefined;
    this.#timer?.stop();
    this.#socket?.destroy();
    if (this.#breaker !== undefined) this.#endpoint.connectFailed(error, detail);
    handler.connectFailed(error, detail);
  }

  #later(error: ConnectError, detail: string): void {
    setImmediate(() => this.#failed(error, detail));
  }
}

const ignore = (): void => undefined;
