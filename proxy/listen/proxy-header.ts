/**
 * The listener filter proxy_protocol: takes a PROXY header from the front of a connection and says whom the connection is really from. The bytes
 * behind the header are put back. It must never pass a connection on whose header is missing or damaged, unless the listener allows a missing one.
 */
import type { Socket } from 'node:net';
import type { ListenerFilter } from '@weft/core/proxy-config';
import {
  type ProxiedConnection,
  type ProxyHeader,
  type ProxyVersion,
  readProxyHeader,
} from '@weft/wire/proxy-protocol';
import type { ReusableTimer, TimerTarget, TimerWheel } from '../ports.ts';
import type { ProxyHeaderStats } from './proxy-header-stats.ts';

export type ProxyProtocolConf = Extract<ListenerFilter, { kind: 'proxy-protocol' }>;

export interface ProxyHeaderOwner {
  /** Undefined: the socket's own addresses count. */
  proxied(connection: ProxiedConnection | undefined): void;
  /** No header that may be believed. The owner destroys the socket. */
  unproxied(reason: 'closed' | 'malformed' | 'timeout'): void;
}

const ABSENT: ProxyHeader = { kind: 'absent' };

/** A header in more pieces than that is an attack on our time. */
const MAX_READS = 64;

export class ProxyHeaderIntake implements TimerTarget {
  readonly #socket: Socket;
  readonly #owner: ProxyHeaderOwner;
  readonly #conf: ProxyProtocolConf;
  readonly #stats: ProxyHeaderStats;
  readonly #timer: ReusableTimer;
  #bytes: Buffer = Buffer.alloc(0);
  #reads = 0;
  #done = false;

  constructor(
    socket: Socket,
    owner: ProxyHeaderOwner,
    conf: ProxyProtocolConf,
    stats: ProxyHeaderStats,
    timers: TimerWheel,
  ) {
    this.#socket = socket;
    this.#owner = owner;
    this.#conf = conf;
    this.#stats = stats;
    this.#timer = timers.create(this, 0);
  }

  /** `timeoutMs` 0: waits for ever. */
  start(timeoutMs: number): void {
    this.#timer.start(timeoutMs);
    this.#socket.on('readable', this.#read);
    this.#socket.on('end', this.#closed);
    this.#socket.on('close', this.#closed);
  }

  /** As `Detection`. A caller that says nothing, where no header is asked for, may be one that waits for the server to speak. */
  timerFired(): void {
    setImmediate(() => {
      if (!this.#done) this.#read();
      if (!this.#done) this.#expired();
    });
  }

  #expired(): void {
    this.#stop();
    if (this.#bytes.length === 0 && this.#conf.allowWithout) {
      this.#stats.missing(true);
      this.#owner.proxied(undefined);
    } else this.#owner.unproxied('timeout');
  }

  readonly #closed = (): void => {
    this.#stop();
    this.#owner.unproxied('closed');
  };

  readonly #read = (): void => {
    const chunk: Buffer | null = this.#socket.read();
    if (chunk === null) return;
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const header = this.#passedOver(this.#bytes[0] === 13 ? 'v2' : 'v1') ? ABSENT : readProxyHeader(this.#bytes);
    switch (header.kind) {
      case 'incomplete':
        this.#reads += 1;
        if (this.#reads >= MAX_READS) this.#refuse();
        return;
      case 'malformed':
        this.#refuse();
        return;
      case 'absent':
        this.#stats.missing(this.#conf.allowWithout);
        this.#stop();
        if (!this.#conf.allowWithout) {
          this.#owner.unproxied('malformed');
          return;
        }
        this.#socket.unshift(this.#bytes);
        this.#owner.proxied(undefined);
        return;
      case 'header':
        this.#stop();
        if (this.#conf.disallowedVersions.includes(header.version)) {
          this.#stats.found(header.version, true);
          this.#owner.unproxied('malformed');
          return;
        }
        this.#stats.found(header.version, false);
        if (this.#bytes.length > header.length) this.#socket.unshift(this.#bytes.subarray(header.length));
        this.#owner.proxied(header.proxied);
    }
  };

  /** As Envoy: where a header may be missing, a version that is disallowed is not looked for. */
  #passedOver(version: ProxyVersion): boolean {
    return this.#conf.allowWithout && this.#conf.disallowedVersions.includes(version);
  }

  #refuse(): void {
    this.#stats.malformed(this.#bytes[0] === 13 ? 'v2' : 'v1');
    this.#stop();
    this.#owner.unproxied('malformed');
  }

  #stop(): void {
    this.#done = true;
    this.#timer.stop();
    this.#socket.removeListener('readable', this.#read);
    this.#socket.removeListener('end', this.#closed);
    this.#socket.removeListener('close', this.#closed);
  }
}
