/**
 * One connection to a Redis server: commands in the order they were given (pipelining), a limit of time for each, and a new connection
 * after one that broke. While there is none, commands fail at once: whoever asks cannot wait.
 */
import type { Buffer } from 'node:buffer';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import { encodeCommand, RespError, type Reply, RespReader } from './resp.ts';

export interface RedisOptions {
  readonly host: string;
  readonly port: number;
  /** '' without. */
  readonly username: string;
  readonly password: string;
  readonly database: number;
  /** TLS with the system's authorities; the name is `host`. */
  readonly tls: boolean;
  /** ms to an answer. */
  readonly timeout: number;
  readonly clock: MonotonicClock;
  /** Once for each time that the connection comes or goes. */
  readonly onState?: (state: 'connected' | 'lost', reason: string) => void;
}

/** There is no connection, or no answer in time. */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable';
}

/** Commands without an answer that there may be at once. */
const MOST_PENDING = 10_000;
/** ms to the next try after a connection failed; doubled each time up to the second. */
const RETRY = { first: 50, longest: 2000 };

interface Pending {
  readonly since: number;
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

export class RedisClient {
  readonly #options: RedisOptions;
  readonly #pending: Pending[] = [];
  #socket: Socket | undefined;
  #ready = false;
  #stopped = false;
  #retry = RETRY.first;
  #retryTimer: Timer | undefined;
  #deadline: Timer | undefined;
  #reason = 'not connected yet';

  constructor(options: RedisOptions) {
    this.#options = options;
  }

  start(): void {
    const { host, port, tls } = this.#options;
    const reader = new RespReader();
    const socket = tls ? connectTls({ host, port, servername: host }) : connectTcp({ host, port });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on(tls ? 'secureConnect' : 'connect', () => this.#greet(socket));
    socket.on('data', (slice: Buffer) => {
      try {
        for (const reply of reader.push(slice)) this.#answered(reply);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on('error', (error) => {
      this.#reason = error.message;
    });
    socket.on('close', () => this.#lost(socket));
  }

  get connected(): boolean {
    return this.#ready;
  }

  /** Rejects with RedisUnavailable, or with RespError where the server refuses the command. */
  send(command: readonly (string | number)[]): Promise<Reply> {
    if (!this.#ready) return Promise.reject(new RedisUnavailable(`no connection: ${this.#reason}`));
    return this.#write(command);
  }

  stop(): void {
    this.#stopped = true;
    this.#retryTimer?.cancel();
    this.#deadline?.cancel();
    this.#socket?.destroy();
  }

  /** AUTH and SELECT come before whatever else is asked. */
  #greet(socket: Socket): void {
    const { username, password, database } = this.#options;
    const greetings: (readonly (string | number)[])[] = [];
    if (password !== '') greetings.push(username === '' ? ['AUTH', password] : ['AUTH', username, password]);
    if (database !== 0) greetings.push(['SELECT', database]);
    greetings.push(['PING']);
    Promise.all(greetings.map((greeting) => this.#write(greeting))).then(
      () => {
        if (socket !== this.#socket || socket.destroyed) return;
        this.#ready = true;
        this.#retry = RETRY.first;
        this.#options.onState?.('connected', '');
      },
      // Its message is the server's; what was sent is not in it.
      (error: Error) => {
        this.#reason = error.message;
        socket.destroy();
      },
    );
  }

  #write(command: readonly (string | number)[]): Promise<Reply> {
    const socket = this.#socket;
    if (socket === undefined || this.#pending.length >= MOST_PENDING)
      return Promise.reject(new RedisUnavailable('too many commands without an answer'));
    return new Promise((resolve, reject) => {
      this.#pending.push({ since: this.#options.clock.now(), resolve, reject });
      socket.write(encodeCommand(command));
      this.#watch();
    });
  }

  #answered(reply: Reply): void {
    const pending = this.#pending.shift();
    if (reply instanceof RespError) pending?.reject(reply);
    else pending?.resolve(reply);
  }

  /** Answers come in order: when the first one is late, the connection is given up. */
  #watch(): void {
    if (this.#deadline !== undefined) return;
    const [first] = this.#pending;
    if (first === undefined || this.#stopped) return;
    const { clock, timeout } = this.#options;
    // A process that was held up itself has answers unread: one more turn reads them.
    this.#deadline = clock.after(Math.max(1, first.since + timeout - clock.now()), () => {
      this.#deadline = clock.after(1, () => {
        this.#deadline = undefined;
        const [oldest] = this.#pending;
        if (oldest !== undefined && oldest.since + timeout <= clock.now()) {
          this.#reason = `no answer within ${timeout} ms`;
          this.#socket?.destroy();
        } else this.#watch();
      });
    });
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return;
    const wasReady = this.#ready;
    this.#ready = false;
    this.#deadline?.cancel();
    this.#deadline = undefined;
    for (const { reject } of this.#pending.splice(0))
      reject(new RedisUnavailable(`the connection ended: ${this.#reason}`));
    if (wasReady || this.#retry === RETRY.first) this.#options.onState?.('lost', this.#reason);
    if (this.#stopped) return;
    this.#retryTimer = this.#options.clock.after(this.#retry, () => this.start());
    this.#retry = Math.min(RETRY.longest, this.#retry * 2);
  }
}
