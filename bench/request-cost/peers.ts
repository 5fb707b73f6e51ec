/**
 * Clients and backends that cost little and count answers: constant HTTP/1.1 octets, and HTTP/2 by the peers of `bench path`. They judge nothing: an
 * answer that never ends is seen as a round that does not end.
 */
import { once } from 'node:events';
import net from 'node:net';
import { frames, Answers, type Fields, Requests } from '../path/peers.ts';

const BLANK_LINE = Buffer.from('\r\n\r\n');
const HEAD = 9;
const HEADERS = 1;
const END_STREAM = 1;
const BODY = new Uint8Array(1000).fill(120);
const FIELDS: Fields = [
  ['server', 'backend'],
  ['date', 'Fri, 27 Nov 2026 12:00:00 GMT'],
  ['content-type', 'text/plain'],
  ['content-length', '1000'],
];
const GRPC_FIELDS: Fields = [...FIELDS.slice(0, 2), ['content-type', 'application/grpc']];

export type Protocol = 'http1' | 'http2';

/** What all requests of a load are. */
export interface Wire {
  readonly protocol: Protocol;
  readonly method: 'GET' | 'POST';
  readonly fields: Fields;
  /** With a message of 105 octets as body; HTTP/2 only. */
  readonly message: boolean;
  readonly connections: number;
  /** Requests at once on each connection; 1 with HTTP/1.1. */
  readonly streams: number;
}

/** Counts how often octets end a head, wherever they are cut. */
class Heads {
  #matched = 0;

  count(octets: Buffer): number {
    let found = 0;
    for (const octet of octets) {
      if (octet === BLANK_LINE[this.#matched]) this.#matched += 1;
      else this.#matched = octet === 13 ? 1 : 0;
      if (this.#matched < BLANK_LINE.length) continue;
      this.#matched = 0;
      found += 1;
    }
    return found;
  }
}

/** Hands on whole frames, wherever the octets were cut. */
class WholeFrames {
  #left: Buffer = Buffer.alloc(0);

  take(octets: Buffer): Buffer {
    const all = this.#left.length === 0 ? octets : Buffer.concat([this.#left, octets]);
    let end = 0;
    while (end + HEAD <= all.length) {
      const next = end + HEAD + all.readUIntBE(end, 3);
      if (next > all.length) break;
      end = next;
    }
    this.#left = all.subarray(end);
    return all.subarray(0, end);
  }
}

export class Backend implements AsyncDisposable {
  readonly #sockets = new Set<net.Socket>();
  readonly #server: net.Server;

  constructor(protocol: Protocol) {
    this.#server = net.createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      // Proxies end their connections as they like.
      socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket));
      if (protocol === 'http1') answerHttp1(socket);
      else answerHttp2(socket);
    });
  }

  /** The port. */
  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as net.AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function answerHttp1(socket: net.Socket): void {
  const head = FIELDS.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const answer = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n`), BODY]);
  const heads = new Heads();
  socket.on('data', (octets: Buffer) => {
    for (let count = heads.count(octets); count > 0; count -= 1) socket.write(answer);
  });
}

function answerHttp2(socket: net.Socket): void {
  const answers = new Answers(GRPC_FIELDS, BODY, [['grpc-status', '0']]);
  const whole = new WholeFrames();
  let first = true;
  socket.on('data', (octets: Buffer) => {
    // The preface is no frame; it comes whole.
    answers.received(whole.take(first ? octets.subarray(24) : octets));
    first = false;
    for (const piece of answers.take()) socket.write(piece);
  });
}

/** A client's connection, used again and again. */
export class Client {
  readonly #socket: net.Socket;
  readonly #wire: Wire;
  readonly #http1: Buffer;
  readonly #http2: Requests;
  #more = 0;
  #open = 0;
  #ended: (() => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  #fault: Error | undefined;

  private constructor(socket: net.Socket, wire: Wire) {
    this.#socket = socket;
    this.#wire = wire;
    const fields = wire.fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    this.#http1 = Buffer.from(`${wire.method} /api/x HTTP/1.1\r\nhost: bench.test\r\n${fields}\r\n`);
    this.#http2 = new Requests(wire.message ? new Uint8Array(105) : undefined);
    socket.on('error', (error) => this.#fail(error)).on('close', () => this.#fail(new Error('the proxy closed')));
    socket.on('data', wire.protocol === 'http1' ? this.#dataOfHttp1() : this.#dataOfHttp2());
  }

  static async connect(port: number, wire: Wire): Promise<Client> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Client(socket, wire);
  }

  /** So many requests; resolves when all are answered, rejects when the connection ends first. */
  ask(count: number): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    this.#more = count;
    return new Promise((resolve, reject) => {
      this.#ended = resolve;
      this.#failed = reject;
      this.#send();
    });
  }

  stop(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #send(): void {
    const { protocol, streams, method, fields } = this.#wire;
    const now = Math.min(this.#more, streams - this.#open);
    this.#more -= now;
    this.#open += now;
    if (this.#open === 0) return this.#ended?.();
    if (now === 0) return;
    if (protocol === 'http1') {
      this.#socket.write(this.#http1);
      return;
    }
    for (let index = 0; index < now; index += 1)
      this.#http2.add([
        [':method', method],
        [':scheme', 'http'],
        [':authority', 'bench.test'],
        [':path', '/api/x'],
        ...fields,
      ]);
    this.#socket.write(this.#http2.take());
  }

  #answered(count: number): void {
    this.#open -= count;
    if (this.#open === 0 || this.#more > 0) this.#send();
  }

  /** An answer is its head and a body whose last octet ends it: what is counted are octets, by the length that the first answer told. */
  #dataOfHttp1(): (octets: Buffer) => void {
    let text = '';
    return (octets) => {
      text += octets.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      if (!text.startsWith('HTTP/1.1 200')) return this.#fail(new Error(text.slice(0, head)));
      if (text.length < head + 4 + BODY.length) return;
      text = '';
      this.#answered(1);
    };
  }

  #dataOfHttp2(): (octets: Buffer) => void {
    const whole = new WholeFrames();
    return (octets) => {
      let ended = 0;
      frames(whole.take(octets), (type, flags) => {
        if (type <= HEADERS && (flags & END_STREAM) !== 0) ended += 1;
        if (type === 3 || type === 7) this.#fail(new Error(`frame of type ${type}`));
      });
      if (ended > 0) this.#answered(ended);
    };
  }

  #fail(error: Error): void {
    this.#fault ??= error;
    this.#failed?.(error);
  }
}
