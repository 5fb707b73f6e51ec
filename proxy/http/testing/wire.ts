/** For tests: raw clients and backends, so that every octet is in the test's hand. */
import net from 'node:net';

export interface RawBackend {
  readonly port: number;
  /** Sockets accepted so far. */
  readonly sockets: net.Socket[];
  stop(): Promise<void>;
}

/** Calls `serve` with each socket and the text received on it so far, at every read. */
export async function rawBackend(serve: (socket: net.Socket, text: string) => void): Promise<RawBackend> {
  const sockets: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.unref();
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      serve(socket, text);
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    sockets,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** A backend that answers each complete head (`\r\n\r\n`) with `answer(number, head)`, counting heads from 1 over all connections. */
export async function headBackend(
  answer: (number: number, head: string, socket: net.Socket) => string,
): Promise<RawBackend> {
  let number = 0;
  const consumed = new WeakMap<net.Socket, number>();
  return rawBackend((socket, text) => {
    for (;;) {
      const from = consumed.get(socket) ?? 0;
      const end = text.indexOf('\r\n\r\n', from);
      if (end < 0) return;
      consumed.set(socket, end + 4);
      number += 1;
      const reply = answer(number, text.slice(from, end + 4), socket);
      if (reply !== '' && socket.writable) socket.write(reply, 'latin1');
    }
  });
}

/** A port on loopback where nobody listens. */
export async function closedPort(): Promise<number> {
  const backend = await rawBackend(() => {});
  await backend.stop();
  return backend.port;
}

export class RawClient {
  text = '';
  ended = false;
  readonly socket: net.Socket;
  #waiters: (() => void)[] = [];

  constructor(port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (chunk: string) => {
      this.text += chunk;
      this.#wake();
    });
    this.socket.on('end', () => this.#end());
    this.socket.on('close', () => this.#end());
    this.socket.on('error', () => {});
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Waits until `test` holds for what was received, at most 5 s; gives the text. */
  async until(test: (text: string, ended: boolean) => boolean): Promise<string> {
    const limit = AbortSignal.timeout(5000);
    while (!test(this.text, this.ended)) {
      await new Promise<void>((done, fail) => {
        const expired = (): void => {
          this.socket.destroy();
          fail(new Error(`still waiting; received ${JSON.stringify(this.text.slice(0, 2000))}`));
        };
        limit.addEventListener('abort', expired, { once: true });
        this.#waiters.push(() => {
          limit.removeEventListener('abort', expired);
          done();
        });
      });
    }
    return this.text;
  }

  has = (part: string | RegExp): Promise<string> =>
    this.until((text) => (typeof part === 'string' ? text.includes(part) : part.test(text)));
  closed = (): Promise<string> => this.until((_, ended) => ended);
  destroy = (): void => void this.socket.destroy();

  #end(): void {
    this.ended = true;
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

/** Sends `request` on a connection of its own and gives all that comes until the server closes. */
export async function converse(port: number, request: string): Promise<string> {
  const client = new RawClient(port).send(request);
  const text = await client.closed();
  client.destroy();
  return text;
}

/** Waits until `test` holds, at most 5 s. */
export async function eventually(test: () => boolean, what: string): Promise<void> {
  const limit = performance.now() + 5000;
  while (!test()) {
    if (performance.now() > limit) throw new Error(`never: ${what}`);
    await new Promise<void>((done) => setImmediate(done));
  }
}
