/** A backend of tunnels through HTTP: grants CONNECT and POST, says in a line what was asked for, then gives every byte back. */
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** Headers that it repeats: all that begin so. */
const SHOWN = 'x-';

/** Authorities that hold `refused` are answered 403, those that hold `cut` not at all. */
export class TunnelServer {
  readonly #server: http.Server | http2.Http2Server;
  readonly #sessions = new Set<http2.ServerHttp2Session>();

  constructor(protocol: 'http1' | 'http2') {
    if (protocol === 'http1') {
      const server = http.createServer((request, response) => {
        const { method = '', url = '', headers } = request;
        if (refuses(headers.host ?? '')) {
          response.writeHead(403).end();
          return;
        }
        response.writeHead(200);
        response.write(line(method, `${headers.host ?? ''}${url}`, headers));
        request.on('data', (chunk: Buffer) => response.write(chunk)).on('end', () => response.end());
      });
      server.on('connect', (request: http.IncomingMessage, socket: Duplex, head: Buffer) => {
        const authority = request.url ?? '';
        socket.on('error', () => undefined);
        if (authority.includes('cut')) socket.destroy();
        else if (refuses(authority)) socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
        else {
          socket.write(`HTTP/1.1 200 OK\r\n\r\n${line('CONNECT', authority, request.headers)}`);
          echo(socket, head);
        }
      });
      this.#server = server;
      return;
    }
    const server = http2.createServer();
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      const authority = headers[':authority'] ?? '';
      if (authority.includes('cut')) stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      else if (refuses(authority)) stream.respond({ ':status': 403 }, { endStream: true });
      else {
        stream.respond({ ':status': 200 });
        stream.write(line(headers[':method'] ?? '', `${authority}${headers[':path'] ?? ''}`, headers));
        echo(stream, Buffer.alloc(0));
      }
    });
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session)).on('error', () => undefined);
    });
    this.#server = server;
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (this.#server instanceof http.Server) this.#server.closeAllConnections();
    for (const session of this.#sessions) session.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const refuses = (authority: string): boolean => authority.includes('refused');

const line = (method: string, target: string, headers: http.IncomingHttpHeaders | http2.IncomingHttpHeaders): string =>
  `${[method, target, ...Object.entries(headers).flatMap(([name, value]) => (name.startsWith(SHOWN) && !name.startsWith('x-forwarded') && name !== 'x-request-id' ? [`${name}=${String(value)}`] : []))].join(' ')}\n`;

function echo(stream: Duplex, first: Buffer): void {
  if (first.length > 0) stream.write(first);
  stream.on('data', (chunk: Buffer) => stream.write(chunk)).on('end', () => stream.end());
}
