/** The backend of the attack runs: a raw server that keeps every octet it got, reads requests in their strictest form, and answers each. */
import net from 'node:net';
import { type Message, readMessage } from './message.ts';

interface Connection {
  readonly socket: net.Socket;
  readonly chunks: Buffer[];
  rest: Buffer;
}

export interface SpecialAnswer {
  readonly bytes: Buffer;
  readonly close: boolean;
}

export class Recorder {
  /** Whole requests in the order of their last octets, since `reset`. */
  readonly requests: Message[] = [];
  /** What no strict reader accepts, since `reset`. */
  readonly faults: string[] = [];
  /** Answer to requests whose path begins with `/probe`; undefined: a good one. */
  special: SpecialAnswer | undefined;
  #connections = new Set<Connection>();
  readonly #server = net.createServer({ allowHalfOpen: false }, (socket) => this.#accept(socket));

  start(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  async stop(): Promise<void> {
    for (const { socket } of this.#connections) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Octets nobody asked for, on every open connection. */
  push(bytes: string): void {
    for (const { socket } of this.#connections) socket.write(bytes);
  }

  reset(): void {
    this.requests.length = 0;
    this.faults.length = 0;
    this.special = undefined;
    for (const one of this.#connections) one.chunks.length = 0;
  }

  /** Open connections on which a request has begun and not ended. */
  get begun(): number {
    return [...this.#connections].filter(({ rest }) => rest.length > 0).length;
  }

  /** All octets since `reset`. */
  get octets(): number {
    let sum = 0;
    for (const { chunks } of this.#connections) for (const chunk of chunks) sum += chunk.length;
    return sum;
  }

  get connections(): number {
    return this.#connections.size;
  }

  #accept(socket: net.Socket): void {
    const one: Connection = { socket, chunks: [], rest: Buffer.alloc(0) };
    this.#connections.add(one);
    socket.on('error', () => {});
    socket.on('close', () => this.#connections.delete(one));
    socket.on('data', (chunk) => {
      one.chunks.push(chunk);
      one.rest = one.rest.length === 0 ? chunk : Buffer.concat([one.rest, chunk]);
      this.#answer(one);
    });
  }

  #answer(one: Connection): void {
    while (one.rest.length > 0) {
      const reading = readMessage(one.rest, { kind: 'request' });
      if (reading === 'more') return;
      if ('fault' in reading) {
        this.faults.push(reading.fault);
        one.socket.destroy();
        return;
      }
      one.rest = one.rest.subarray(reading.size);
      this.requests.push(reading);
      const [method = '', path = ''] = reading.line.split(' ');
      if (this.special !== undefined && path.startsWith('/probe')) {
        one.socket.write(this.special.bytes);
        if (this.special.close) one.socket.end();
      } else one.socket.write(good(method, path));
    }
  }
}

/** The body names the path, so that an answer given to the wrong request shows. */
function good(method: string, path: string): Buffer {
  const body = `seen ${path}`;
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${method === 'HEAD' ? '' : body}`,
    'latin1',
  );
}
