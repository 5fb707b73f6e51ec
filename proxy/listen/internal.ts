/**
 * Connections from clusters to listeners of the same engine (internal_listener, envoy_internal_address). Each is a pair of ends of a Unix socket
 * that nobody knows by name: a connection begins with the token that the engine drew for it, by which both ends find what is passed on. An
 * end without a token that is waited for must never reach a listener.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import type { MetadataStruct, SocketAddress } from '@weft/core/proxy-config';
import type { PassedConnection, TimerWheel } from '../ports.ts';
import { FirstOctets } from './first-octets.ts';
import type { BindResult, SocketOwner } from './socket-table.ts';

const TOKEN_BYTES = 16;
/** ms within which a connection must have said its token. */
const PATIENCE = 5000;
const MAX_READS = 16;

interface Waiting {
  readonly listener: string;
  readonly passed: PassedConnection;
}

/** How to open a connection: where to, and what to say first. */
export interface InternalPath {
  readonly path: string;
  readonly token: Uint8Array;
  /** The connection did not come about. */
  readonly forget: () => void;
}

export class InternalConnections {
  readonly #timers: TimerWheel;
  readonly #listeners = new Map<string, InternalSocket>();
  readonly #waiting = new Map<string, Waiting>();
  #hub: Hub | undefined;

  constructor(timers: TimerWheel) {
    this.#timers = timers;
  }

  /** Undefined: there is no such listener. */
  pathTo(listener: string, passed: PassedConnection): InternalPath | undefined {
    if (this.#hub === undefined || !this.#listeners.has(listener)) return undefined;
    const token = randomBytes(TOKEN_BYTES);
    const key = token.toString('hex');
    this.#waiting.set(key, { listener, passed });
    return { path: this.#hub.path, token, forget: () => void this.#waiting.delete(key) };
  }

  async register(listener: string, socket: InternalSocket): Promise<BindResult> {
    this.#hub ??= new Hub((accepted) => this.#arrived(accepted));
    const bound = await this.#hub.listening;
    if (bound.ok) this.#listeners.set(listener, socket);
    return bound;
  }

  leave(listener: string, socket: InternalSocket): void {
    if (this.#listeners.get(listener) !== socket) return;
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#hub?.close();
    this.#hub = undefined;
  }

  #arrived(socket: Socket): void {
    socket.on('error', ignore);
    const found = (key: string): void => {
      const waiting = this.#waiting.get(key);
      this.#waiting.delete(key);
      const owner = waiting === undefined ? undefined : this.#listeners.get(waiting.listener)?.owner;
      if (owner === undefined || waiting === undefined) socket.destroy();
      else owner.accept(socket, { port: 0, passed: waiting.passed });
    };
    new TokenIntake(socket, this.#timers, found).start(PATIENCE);
  }
}

/** A listener's place among the internal ones; what a listening socket is to the others. */
export class InternalSocket {
  readonly address: SocketAddress;
  readonly port = 0;
  readonly descriptor = undefined;
  owner: SocketOwner | undefined;
  readonly #name: string;
  readonly #connections: InternalConnections;

  constructor(address: Extract<SocketAddress, { kind: 'internal' }>, connections: InternalConnections) {
    this.address = address;
    this.#name = address.listener;
    this.#connections = connections;
  }

  get key(): string {
    return `internal ${this.#name}`;
  }

  bind(): Promise<BindResult> {
    return this.#connections.register(this.#name, this);
  }

  /** Nothing is passed on: the next process has connections of its own. */
  retire(): void {
    this.close();
  }

  close(): void {
    this.owner = undefined;
    this.#connections.leave(this.#name, this);
  }
}

/** The socket that all internal connections of an engine arrive at. */
class Hub {
  readonly path: string;
  readonly listening: Promise<BindResult>;
  readonly #server: Server;
  readonly #folder: string | undefined;

  constructor(arrived: (socket: Socket) => void) {
    const name = `weft-internal-${randomBytes(16).toString('hex')}`;
    // Where there are no abstract names, a folder of our own.
    this.#folder = process.platform === 'linux' ? undefined : mkdtempSync(`${tmpdir()}/weft-`);
    this.path = this.#folder === undefined ? `\0${name}` : `${this.#folder}/hub`;
    this.#server = createServer({ allowHalfOpen: true }, arrived);
    this.listening = new Promise((resolve) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        resolve({ ok: false, code: error.code ?? 'EINVAL', message: `internal connections: ${error.message}` }),
      );
      this.#server.listen({ path: this.path, backlog: 4096 }, () => resolve({ ok: true }));
    });
  }

  close(): void {
    this.#server.close();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}

class TokenIntake extends FirstOctets {
  readonly #socket: Socket;
  readonly #found: (key: string) => void;

  constructor(socket: Socket, timers: TimerWheel, found: (key: string) => void) {
    super(socket, timers, MAX_READS);
    this.#socket = socket;
    this.#found = found;
  }

  protected incomplete(): boolean {
    if (this.bytes.length < TOKEN_BYTES) return true;
    this.stop();
    const key = this.bytes.subarray(0, TOKEN_BYTES).toString('hex');
    this.putBack(TOKEN_BYTES);
    this.#found(key);
    return false;
  }

  protected scattered(): void {
    this.#socket.destroy();
  }

  protected expired(): void {
    this.#socket.destroy();
  }

  protected closed(): void {
    this.#socket.destroy();
  }
}

/** What original_dst finds in the metadata that was passed on, `IP:PORT`. */
export function passedDestination(
  metadata: ReadonlyMap<string, MetadataStruct>,
): { ip: string; port: number } | undefined {
  const local = metadata.get('envoy.filters.listener.original_dst')?.['local'];
  const [, ip4, ip6, port] =
    /^(?:([\d.]+)|\[([\da-fA-F:.]+)\]):(\d{1,5})$/.exec(typeof local === 'string' ? local : '') ?? [];
  const ip = ip4 ?? ip6;
  return ip === undefined || Number(port) > 65_535 ? undefined : { ip, port: Number(port) };
}

const ignore = (): void => undefined;
