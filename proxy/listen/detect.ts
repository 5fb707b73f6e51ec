/**
 * Listener filters: looks at the first bytes of a connection and puts them back (tls_inspector, http_inspector). Nothing is consumed, written or
 * kept longer than the listener's time-out. It must never decide by more than the bytes that came.
 */
import type { Socket } from 'node:net';
import { readClientHello } from '@weft/wire/tls-hello';
import type { TimerWheel } from '../ports.ts';
import { FirstOctets } from './first-octets.ts';

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

export class Detection extends FirstOctets {
  readonly #owner: DetectOwner;
  readonly #http: boolean;
  readonly #maxHelloBytes: number;

  constructor(socket: Socket, owner: DetectOwner, http: boolean, maxHelloBytes: number, timers: TimerWheel) {
    super(socket, timers, MAX_READS);
    this.#owner = owner;
    this.#http = http;
    this.#maxHelloBytes = maxHelloBytes;
  }

  /** What came so far is the beginning of a TLS handshake. */
  get beganTls(): boolean {
    return this.bytes[0] === 22;
  }

  /** Gives back what was read; for `continue_on_listener_filters_timeout`. */
  restore(): void {
    this.putBack(0);
  }

  protected expired(): void {
    this.#owner.undetected('timeout');
  }

  protected closed(): void {
    this.#owner.undetected('closed');
  }

  protected scattered(): void {
    this.#owner.undetected('malformed');
  }

  protected incomplete(): boolean {
    const hello = readClientHello(this.bytes, this.#maxHelloBytes);
    switch (hello.kind) {
      case 'incomplete':
        return true;
      case 'malformed':
        this.stop();
        this.scattered();
        return false;
      case 'hello':
        this.#found({
          transportProtocol: 'tls',
          serverName: hello.serverName,
          applicationProtocols: hello.protocols,
        });
        return false;
      case 'not-tls': {
        const protocols = this.#http ? httpProtocol(this.bytes) : [];
        if (protocols === undefined) return true;
        this.#found(protocols.length === 0 ? PLAIN : { ...PLAIN, applicationProtocols: protocols });
        return false;
      }
    }
  }

  #found(found: Detected): void {
    this.stop();
    this.restore();
    this.#owner.detected(found);
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
