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
import type { TimerWheel } from '../ports.ts';
import { FirstOctets } from './first-octets.ts';
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

export class ProxyHeaderIntake extends FirstOctets {
  readonly #owner: ProxyHeaderOwner;
  readonly #conf: ProxyProtocolConf;
  readonly #stats: ProxyHeaderStats;

  constructor(
    socket: Socket,
    owner: ProxyHeaderOwner,
    conf: ProxyProtocolConf,
    stats: ProxyHeaderStats,
    timers: TimerWheel,
  ) {
    super(socket, timers, MAX_READS);
    this.#owner = owner;
    this.#conf = conf;
    this.#stats = stats;
  }

  /** A caller that says nothing, where no header is asked for, may be one that waits for the server to speak. */
  protected expired(): void {
    if (this.bytes.length === 0 && this.#conf.allowWithout) {
      this.#stats.missing(true);
      this.#owner.proxied(undefined);
    } else this.#owner.unproxied('timeout');
  }

  protected closed(): void {
    this.#owner.unproxied('closed');
  }

  protected incomplete(): boolean {
    const header = this.#passedOver(this.#version) ? ABSENT : readProxyHeader(this.bytes);
    if (header.kind === 'incomplete') return true;
    this.stop();
    switch (header.kind) {
      case 'malformed':
        this.scattered();
        break;
      case 'absent':
        this.#stats.missing(this.#conf.allowWithout);
        if (this.#conf.allowWithout) this.#passOn(0, undefined);
        else this.#owner.unproxied('malformed');
        break;
      case 'header': {
        const disallowed = this.#conf.disallowedVersions.includes(header.version);
        this.#stats.found(header.version, disallowed);
        if (disallowed) this.#owner.unproxied('malformed');
        else this.#passOn(header.length, header.proxied);
      }
    }
    return false;
  }

  protected scattered(): void {
    this.#stats.malformed(this.#version);
    this.#owner.unproxied('malformed');
  }

  #passOn(start: number, connection: ProxiedConnection | undefined): void {
    this.putBack(start);
    this.#owner.proxied(connection);
  }

  /** By the first octet. */
  get #version(): ProxyVersion {
    return this.bytes[0] === 13 ? 'v2' : 'v1';
  }

  /** As Envoy: where a header may be missing, a version that is disallowed is not looked for. */
  #passedOver(version: ProxyVersion): boolean {
    return this.#conf.allowWithout && this.#conf.disallowedVersions.includes(version);
  }
}
