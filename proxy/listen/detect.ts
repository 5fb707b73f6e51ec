/**
 * Listener filters: looks at the first bytes of a connection and puts them back (tls_inspector, http_inspector). Nothing is consumed, written or
 * kept longer than the listener's time-out. It must never decide by more than the bytes that came.
 */
import type { Socket } from 'node:net';
import { readClientHello } from '@weft/wire/tls-hello';
import type { ReusableTimer, TimerTarget, TimerWheel } from '../ports.ts';

export interface Detected {
  readonly transportProtocol: 'raw_buffer' | 'tls';
  readonly serverName: string;
  readonly applicationProtocols: readonly string[];
}

export interface DetectOwner {
  detected(found: Detected): void;
  /** Nothing usable came: the connection closed, broke TLS, or took too long. The owner destroys it. */
  undetected(reason: 'closed' | 'malformed' | 'timeout'): void;
}

export const PLAIN: Detected = { transportProtocol: 'raw_buffer', serverName: '', applicationProtocols: [] };

/** A hello that comes in more pieces than that is an attack on our time. */
const MAX_READS = 2048;

const PREFACE = 'PRI * HTTP/2.0';

export class Detection implements TimerTarget {
  readonly #socket: Socket;
  readonly #owner: DetectOwner;
  readonly #http: boolean;
  readonly #maxHelloBytes: number;
  readonly #timer: ReusableTimer;
  #bytes: Buffer = Buffer.alloc(0);
  #done = false;
  #reads = 0;

  constructor(socket: Socket, owner: DetectOwner, http: boolean, maxHelloBytes: number, timers: TimerWheel) {
    this.#socket = socket;
    this.#owner = owner;
    this.#http = http;
    this.#maxHelloBytes = maxHelloBytes;
    this.#timer = timers.create(this, 0);
  }

  /** `timeoutMs` 0: waits for ever. */
  start(timeoutMs: number): void {
    this.#timer.start(timeoutMs);
    this.#socket.on('readable', this.#read);
    this.#socket.on('end', this.#closed);
    this.#socket.on('close', this.#closed);
  }

  /** Bytes that already wait, because this loop was busy, are looked at before the time counts as over. */
  timerFired(): void {
    setImmediate(() => {
      if (!this.#done) this.#read();
      if (this.#done) return;
      this.#stop();
      this.#owner.undetected('timeout');
    });
  }

  /** What came so far is the beginning of a TLS handshake. */
  get beganTls(): boolean {
    return this.#bytes[0] === 22;
  }

  /** Gives back what was read; for `continue_on_listener_filters_timeout`. */
  restore(): void {
    if (this.#bytes.length > 0) this.#socket.unshift(this.#bytes);
    this.#bytes = Buffer.alloc(0);
  }

  readonly #closed = (): void => {
    if (this.#done) return;
    this.#stop();
    this.#owner.undetected('closed');
  };

  readonly #read = (): void => {
    if (this.#done) return;
    const chunk: Buffer | null = this.#socket.read();
    if (chunk === null) return;
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const hello = readClientHello(this.#bytes, this.#maxHelloBytes);
    switch (hello.kind) {
      case 'incomplete':
        this.#reads += 1;
        if (this.#reads < MAX_READS) return;
        this.#stop();
        this.#owner.undetected('malformed');
        return;
      case 'malformed':
        this.#stop();
        this.#owner.undetected('malformed');
        return;
      case 'hello':
        this.#found({
          transportProtocol: 'tls',
          serverName: hello.serverName,
          applicationProtocols: hello.protocols,
        });
        return;
      case 'not-tls': {
        const protocols = this.#http ? httpProtocol(this.#bytes) : [];
        if (protocols !== undefined)
          this.#found(protocols.length === 0 ? PLAIN : { ...PLAIN, applicationProtocols: protocols });
      }
    }
  };

  #found(found: Detected): void {
    this.#stop();
    this.restore();
    this.#owner.detected(found);
  }

  #stop(): void {
    this.#done = true;
    this.#timer.stop();
    this.#socket.removeListener('readable', this.#read);
    this.#socket.removeListener('end', this.#closed);
    this.#socket.removeListener('close', this.#closed);
  }
}

/** Undefined: more bytes are needed. Envoy's names: `h2c`, `http/1.1`, `http/1.0`. */
function httpProtocol(bytes: Buffer): readonly string[] | undefined {
  const text = bytes.toString('latin1', 0, 8192);
  if (text.startsWith(PREFACE)) return ['h2c'];
  if (PREFACE.startsWith(text)) return undefined;
  const end = text.indexOf('\n');
  if (end < 0) return text.length >= 8192 || !/^[A-Z]{1,32}( |$)/.test(text) ? [] : undefined;
  const version = /^[A-Z]+ \S+ HTTP\/(1\.[01])\r?\n/.exec(text)?.[1];
  return version === undefined ? [] : [`http/${version}`];
}
