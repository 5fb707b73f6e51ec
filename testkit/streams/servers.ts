/** Backends that speak no HTTP: bytes come back behind the backend's name, a server that greets before its client speaks, datagrams likewise. */
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** `NAME:` before the first bytes, then every byte as it came; its end ends what is sent back. */
export const echoing = (name: string) => (socket: Socket) => {
  let first = true;
  socket.on('data', (chunk: Buffer) => {
    socket.write(first ? Buffer.concat([Buffer.from(`${name}:`), chunk]) : chunk);
    first = false;
  });
  socket.on('end', () => socket.end());
};

/** As a mail server: speaks first, and answers each line. */
export const greeting = (name: string) => (socket: Socket) => {
  socket.write(`220 ${name} ready\r\n`);
  let rest = '';
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'QUIT') socket.end('221 bye\r\n');
      else socket.write(`250 ${line}\r\n`);
    }
  });
  socket.on('end', () => socket.end());
};

export class StreamServer {
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(serve: (socket: Socket) => void) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#open.delete(socket));
      serve(socket);
    });
  }

  /** Where it listens: the port of loopback, or `path`. */
  async start(): Promise<number>;
  async start(path: string): Promise<string>;
  async start(path?: string): Promise<number | string> {
    if (path === undefined) this.#server.listen(0, '127.0.0.1');
    else this.#server.listen(path);
    await once(this.#server, 'listening');
    return path ?? (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#open.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Answers every datagram with `NAME:` and its bytes. */
export class DatagramServer {
  readonly #name: string;
  readonly #socket: Datagrams = createSocket('udp4');
  /** Datagrams that came, by the port they came from. */
  readonly sources = new Map<number, number>();

  constructor(name: string) {
    this.#name = name;
    this.#socket.on('message', (bytes, { port, address }) => {
      this.sources.set(port, (this.sources.get(port) ?? 0) + 1);
      this.#socket.send(Buffer.concat([Buffer.from(`${this.#name}:`), bytes]), port, address);
    });
  }

  async start(port = 0): Promise<number> {
    this.#socket.bind(port, '127.0.0.1');
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}
