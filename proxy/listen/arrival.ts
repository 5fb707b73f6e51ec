/**
 * The way of one accepted socket to its terminal filter: detect, choose the chain, establish the transport, ask the network filters, hand over.
 * Each step ends in the next one or in the end of the socket.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Listener } from '@weft/core/proxy-config';
import type { ProxiedConnection } from '@weft/wire/proxy-protocol';
import type { ExchangeRecord, PeerIdentity, SocketEnd } from '../ports.ts';
import { type Handshake, resetSocket, type TlsPeer, type TlsRefusal } from '../transport/index.ts';
import type { ChainRuntime } from './chain-runtime.ts';
import { type AcceptedSocket, AcceptedConnection, proxiedEnd, socketEnd } from './connection.ts';
import { connectionRecord } from './connection-record.ts';
import { type Detected, Detection, type DetectOwner, PLAIN } from './detect.ts';
import type { ListenerRuntime } from './listener-runtime.ts';
import { ProxyHeaderIntake, type ProxyHeaderOwner } from './proxy-header.ts';
import type { AcceptedAt } from './socket-table.ts';

export class Arrival implements DetectOwner, ProxyHeaderOwner, Handshake, AcceptedSocket {
  readonly id: number;
  remote: SocketEnd;
  readonly directRemote: SocketEnd;
  local: SocketEnd;
  redirected: boolean;
  readonly acceptedAt: number;
  serverName = '';
  readonly metadata: AcceptedSocket['metadata'];
  readonly #socket: Socket;
  readonly #owner: ListenerRuntime;
  #detection: Detection | undefined;
  #chain: ChainRuntime | undefined;
  #waiting = true;

  constructor(id: number, socket: Socket, owner: ListenerRuntime, at: AcceptedAt) {
    this.id = id;
    this.#socket = socket;
    this.#owner = owner;
    this.acceptedAt = owner.parts.runtime.clock.now();
    this.directRemote = socketEnd(socket.remoteAddress, socket.remotePort);
    this.remote = this.directRemote;
    const original = owner.originalDestination(socket, at.passed);
    const own = socketEnd(socket.localAddress, socket.localPort);
    this.local = original ?? own;
    this.metadata = at.passed?.metadata;
    this.redirected = this.local.port !== at.port || this.local.ip !== own.ip;
  }

  get listener(): Listener {
    return this.#owner.row;
  }

  start(): void {
    const { proxyHeaders, row, stats, parts } = this.#owner;
    stats.preActive.add(1);
    if (proxyHeaders === undefined) {
      this.#detect(row.listenerFiltersTimeout);
      return;
    }
    const { timers } = parts.runtime;
    new ProxyHeaderIntake(this.#socket, this, proxyHeaders.conf, proxyHeaders.stats, timers).start(
      row.listenerFiltersTimeout,
    );
  }

  proxied(connection: ProxiedConnection | undefined): void {
    const { row, parts } = this.#owner;
    if (connection !== undefined) {
      this.remote = proxiedEnd(connection.source);
      const local = proxiedEnd(connection.destination);
      this.redirected ||= local.port !== this.local.port || local.ip !== this.local.ip;
      this.local = local;
    }
    const { listenerFiltersTimeout: limit } = row;
    // All listener filters share one time-out.
    this.#detect(limit === 0 ? 0 : Math.max(1, limit - (parts.runtime.clock.now() - this.acceptedAt)));
  }

  unproxied(reason: 'closed' | 'malformed' | 'timeout'): void {
    if (reason === 'timeout') this.#owner.stats.preTimeout.add(1);
    if (reason !== 'closed') {
      this.#owner.parts.runtime.log.write('connection', 'warning', 'no PROXY header that may be believed', {
        listener: this.listener.name,
        remote: `${this.remote.ip}:${this.remote.port}`,
        reason,
      });
    }
    this.#over();
    this.#socket.destroy();
  }

  #detect(timeoutMs: number): void {
    const { inspect, maxHelloBytes, parts } = this.#owner;
    if (inspect === 'nothing') {
      this.detected(PLAIN);
      return;
    }
    this.#detection = new Detection(
      this.#socket,
      this,
      inspect === 'tls-and-http',
      maxHelloBytes,
      parts.runtime.timers,
    );
    this.#detection.start(timeoutMs);
  }

  detected(found: Detected): void {
    this.serverName = found.serverName;
    const chain = this.#owner.chainFor({
      destinationPort: this.local.port,
      destination: this.local.address,
      source: this.remote.address,
      sourcePort: this.remote.port,
      serverName: found.serverName,
      transportProtocol: found.transportProtocol,
      applicationProtocols: found.applicationProtocols,
    });
    if (chain === undefined) {
      this.#owner.stats.noChain.add(1);
      this.#owner.parts.runtime.log.write('connection', 'warning', 'no filter chain fits', {
        listener: this.listener.name,
        remote: `${this.remote.ip}:${this.remote.port}`,
        transport: found.transportProtocol,
        serverName: found.serverName,
      });
      this.#over();
      this.#socket.destroy();
      return;
    }
    this.#chain = chain;
    if (chain.tls === undefined) this.#established(this.#socket, undefined, '');
    else {
      this.#socket.once('close', () => this.#over());
      chain.tls.accept(this.#socket, this);
    }
  }

  undetected(reason: 'closed' | 'malformed' | 'timeout'): void {
    const { row, stats } = this.#owner;
    if (reason === 'timeout') {
      stats.preTimeout.add(1);
      // Half a ClientHello is no plaintext: what follows it would not be understood by anybody.
      if (row.continueOnListenerFiltersTimeout && this.#detection?.beganTls === false) {
        this.#detection.restore();
        this.detected(PLAIN);
        return;
      }
    }
    this.#over();
    this.#socket.destroy();
  }

  secured(socket: TLSSocket, peer: TlsPeer): void {
    this.#owner.stats.handshakes.add(1);
    socket.on('error', ignore);
    const named = typeof socket.servername === 'string' ? socket.servername.toLowerCase() : '';
    // The chain was chosen by another name: a second ClientHello, after HelloRetryRequest, must not change it (RFC 8446 4.1.2).
    if (this.serverName !== '' && named !== this.serverName) {
      this.refused('handshake', 'the server name changed during the handshake');
      socket.destroy();
      return;
    }
    this.serverName = named;
    this.#established(socket, peer, typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : '');
  }

  refused(reason: TlsRefusal, detail: string): void {
    this.#over();
    this.#owner.stats.refused(reason);
    this.#owner.parts.runtime.log.write('tls', reason === 'gone' ? 'debug' : 'warning', 'caller refused', {
      listener: this.#owner.row.name,
      remote: `${this.remote.ip}:${this.remote.port}`,
      reason,
      detail,
    });
  }

  #established(socket: Socket, peer: PeerIdentity | undefined, alpn: string): void {
    this.#over();
    const chain = this.#chain;
    if (chain === undefined || socket.destroyed) return;
    const connection = new AcceptedConnection(this, socket, peer, alpn, chain.chain);
    const verdict = chain.filters.judge(socket, verifiedOnly(connection));
    const details = typeof verdict === 'object' ? (verdict.details ?? '') : '';
    const { logged } = this.#owner;
    if (logged) socket.once('close', () => this.#owner.log(this.#record(connection, details)));
    if (verdict === 'continue') {
      chain.terminal.accept(connection);
      return;
    }
    if (details !== '') chain.terminal.refused?.(this.#record(connection, details));
    this.#refuse(socket, verdict === 'close' ? 0 : verdict.closeAfterMs);
  }

  /** As it ends now. */
  #record(connection: AcceptedConnection, details: string): ExchangeRecord {
    const { clock, wall } = this.#owner.parts.runtime;
    const age = clock.now() - this.acceptedAt;
    return connectionRecord(connection, wall.now() - age, age, details);
  }

  #refuse(socket: Socket, delay: number): void {
    if (delay === 0) resetSocket(socket);
    else this.#owner.parts.runtime.clock.after(delay, () => resetSocket(socket));
  }

  #over(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#owner.stats.preActive.add(-1);
  }
}

/** Policies see the names of a verified peer only. */
const verifiedOnly = (connection: AcceptedConnection) => ({
  destinationIp: connection.destinationIp,
  destinationPort: connection.destinationPort,
  directRemoteIp: connection.directRemoteIp,
  sourceIp: connection.sourceIp,
  serverName: connection.serverName,
  peer: connection.peer?.verified === true ? connection.peer : undefined,
});

const ignore = (): void => undefined;
