/**
 * Both ends of a tunnel through a proxy, over HTTP/1.1 (Upgrade) and HTTP/2 (extended CONNECT, RFC 8441) alike: a duplex stream that is open
 * once the handshake is done. Node's own HTTP/2 is the judge there.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export const digestOf = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

type Version = 'h1' | 'h2';

/** What the backend got of a handshake. */
export interface Asked {
  readonly version: Version;
  readonly stream: Duplex;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Cuts the connection, or resets the stream. */
  cut(): void;
}

/** What the backend answers instead of agreeing, by path. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
}

export class TunnelBackend {
  /** Told of every handshake, before the answer. Undefined: agree. */
  refusal: (asked: { readonly path: string }) => Refusal | undefined = () => undefined;
  readonly #asked: Asked[] = [];
  readonly #waiting: { readonly version: Version | undefined; readonly take: (asked: Asked) => void }[] = [];
  readonly #sockets = new Set<net.Socket>();
  readonly #http1 = net.createServer({ allowHalfOpen: true }, (socket) => this.#accept1(socket));
  readonly #http2 = http2.createServer({ settings: { enableConnectProtocol: true } });
  readonly #sessions = new Set<http2.ServerHttp2Session>();

  async start(): Promise<{ readonly h1: number; readonly h2: number }> {
    this.#http2.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
    });
    this.#http2.on('stream', (stream, headers) => this.#accept2(stream, headers));
    for (const server of [this.#http1, this.#http2]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return { h1: (this.#http1.address() as AddressInfo).port, h2: (this.#http2.address() as AddressInfo).port };
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const session of this.#sessions) session.destroy();
    this.#http1.close();
    this.#http2.close();
  }

  /** The next handshake that was agreed to, over that version where one is given. */
  next(version?: Version): Promise<Asked> {
    const at = this.#asked.findIndex((asked) => version === undefined || asked.version === version);
    const [ready] = at < 0 ? [] : this.#asked.splice(at, 1);
    return ready === undefined ? new Promise((take) => this.#waiting.push({ version, take })) : Promise.resolve(ready);
  }

  #agreed(asked: Asked): void {
    const at = this.#waiting.findIndex(({ version }) => version === undefined || asked.version === version);
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (waiting === undefined) this.#asked.push(asked);
    else waiting.take(asked);
  }

  #accept1(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    let head = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', read);
      socket.pause();
      const rest = head.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
      const { line, headers } = readHead(head.toString('latin1', 0, end));
      const path = line.split(' ')[1] ?? '';
      const refusal = this.refusal({ path });
      if (refusal !== undefined) {
        socket.write(`HTTP/1.1 ${refusal.status} No\r\nContent-Length: ${refusal.body.length}\r\n\r\n${refusal.body}`);
        socket.resume();
        return;
      }
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${digestOf(headers['sec-websocket-key'] ?? '')}\r\n\r\n`,
      );
      this.#agreed({ version: 'h1', stream: socket, path, headers, cut: () => void socket.resetAndDestroy() });
    };
    socket.on('data', read);
  }

  #accept2(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
    stream.on('error', () => {});
    const path = String(headers[':path'] ?? '');
    const refusal = this.refusal({ path });
    if (refusal !== undefined) {
      stream.respond({ ':status': refusal.status });
      stream.end(refusal.body);
      return;
    }
    stream.respond({ ':status': 200 });
    stream.pause();
    const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    this.#agreed({
      version: 'h2',
      stream,
      path,
      headers: flat,
      cut: () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR),
    });
  }
}

function readHead(text: string): { readonly line: string; readonly headers: Record<string, string> } {
  const [line = '', ...fields] = text.split('\r\n');
  return {
    line,
    headers: Object.fromEntries(
      fields.map((field) => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
      }),
    ),
  };
}

/** The client's end. */
export interface Opened {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** After a handshake that failed: the answer's body comes here. */
  readonly stream: Duplex;
  cut(): void;
  close(): void;
}

export interface OpenInput {
  readonly port: number;
  readonly path: string;
  /** Sent with the handshake, before it is granted. */
  readonly early?: Buffer | undefined;
  /** CONNECT to this authority instead of WebSocket. */
  readonly connect?: string | undefined;
  /** Without a key, as HTTP/2's own clients. */
  readonly key?: string | undefined;
}

/** Over HTTP/1.1. Resolves with the answer's head, whatever it says. */
export async function open1({
  port,
  path,
  early,
  connect,
  key = 'dGhlIHNhbXBsZSBub25jZQ==',
}: OpenInput): Promise<Opened> {
  const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  const ask =
    connect === undefined
      ? `GET ${path} HTTP/1.1\r\nHost: good.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
      : `CONNECT ${connect} HTTP/1.1\r\nHost: ${connect}\r\n\r\n`;
  socket.write(early === undefined ? ask : Buffer.concat([Buffer.from(ask, 'latin1'), early]));
  let head = Buffer.alloc(0);
  for (;;) {
    const chunk = await nextChunk(socket);
    if (chunk === undefined) throw new Error(`the connection ended in the handshake: ${head.toString('latin1')}`);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) continue;
    const rest = head.subarray(end + 4);
    if (rest.length > 0) socket.unshift(rest);
    const { line, headers } = readHead(head.toString('latin1', 0, end));
    return {
      status: Number(line.split(' ')[1]),
      headers,
      stream: socket,
      cut: () => void socket.resetAndDestroy(),
      close: () => void socket.destroy(),
    };
  }
}

/** One chunk, the stream paused afterwards; undefined at its end. */
export function nextChunk(stream: Duplex): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const done = (chunk?: Buffer): void => {
      stream.off('data', data);
      stream.off('end', done);
      stream.off('close', done);
      stream.pause();
      resolve(chunk);
    };
    const data = (chunk: Buffer): void => done(chunk);
    stream.on('data', data);
    stream.once('end', done);
    stream.once('close', done);
    stream.resume();
  });
}

/** Over HTTP/2 by prior knowledge or, with `tls`, by ALPN; a connection of its own. */
export async function open2({ port, path, early, connect, key }: OpenInput, tls = false): Promise<Opened> {
  const session = http2.connect(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, { rejectUnauthorized: false });
  session.on('error', () => {});
  await once(session, 'remoteSettings');
  const ask: http2.OutgoingHttpHeaders =
    connect === undefined
      ? {
          ':method': 'CONNECT',
          ':protocol': 'websocket',
          ':scheme': tls ? 'https' : 'http',
          ':path': path,
          ':authority': 'good.test',
          'sec-websocket-version': '13',
          ...(key === undefined ? {} : { 'sec-websocket-key': key }),
        }
      : { ':method': 'CONNECT', ':authority': connect };
  const stream = session.request(ask, { endStream: false });
  stream.on('error', () => {});
  if (early !== undefined) stream.write(early);
  const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
  return {
    status: Number(headers[':status']),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    stream,
    cut: () => stream.close(http2.constants.NGHTTP2_CANCEL),
    close: () => session.destroy(),
  };
}
