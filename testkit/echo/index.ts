/** A backend that says who it is and what arrived; commands in the query make it misbehave. Node's own HTTP servers, so outside judges. */
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import zlib from 'node:zlib';

export interface Echo {
  /** The backend's name. */
  readonly backend: string;
  readonly method: string;
  /** `1.1` or `2.0`. */
  readonly version: string;
  /** The request target as it arrived. */
  readonly path: string;
  /** Lower-case names; `host` is HTTP/2's authority too. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyLength: number;
  /** Absent without. */
  readonly trailers?: Readonly<Record<string, string>>;
}

/**
 * An HTTP/2 one answers gRPC's health checks: SERVING, but for services whose name holds `down`.
 * Understood in the query, or in the header `x-echo` instead (paths of gRPC calls have none): `status=503`, `fail-first=2` (with `key=`: the first two requests of that key answer 503),
 * with `fail-grpc=14` they answer 200 with that grpc-status in the head and no body instead,
 * `delay=50` (ms before the answer; with `delay-first=1` and `key=` that many requests of the key only, with `delay-at=b` of the server b only), `header=name:value`, `reset=1` (closes without an answer), `grpc-status=5` (in trailers), `grpc=5` (a gRPC answer: one message of so many bytes), `grpc-echo=1` (the echo as a gRPC answer), `grpc-message=1` (the same, framed as gRPC's messages are), `body=100` (bytes of body instead of the echo), `encode=gzip` (that body in a content coding: gzip, br or zstd), `trailer=name:value`, `remember=NAME` (the echo is kept, and `recall=NAME` answers with it, once it is there).
 */
export class EchoServer {
  readonly name: string;
  readonly #server: http.Server | http2.Http2Server;
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #seen: Map<string, number>;
  readonly #remembered = new Map<string, Echo>();
  readonly #alwaysFails: number | undefined;
  requests = 0;

  /**
   * `http2`: in plaintext with prior knowledge, and nothing else. `alwaysFails`: the gRPC status of every answer. `seen`: requests by key,
   * for several servers that count together.
   */
  constructor(
    name: string,
    protocol: 'http1' | 'http2' = 'http1',
    { alwaysFails, seen = new Map() }: { alwaysFails?: number; seen?: Map<string, number> } = {},
  ) {
    this.name = name;
    this.#seen = seen;
    this.#alwaysFails = alwaysFails;
    if (protocol === 'http2') {
      const server = http2.createServer((request, response) => {
        this.#answer(request, response).catch(() => response.stream.destroy());
      });
      server.on('session', (session) => {
        this.#sessions.add(session);
        session.on('close', () => this.#sessions.delete(session)).on('error', () => undefined);
      });
      this.#server = server;
      return;
    }
    const server = http.createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    server.keepAliveTimeout = 30_000;
    this.#server = server;
  }

  async start(port = 0): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return this.port;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (this.#server instanceof http.Server) this.#server.closeAllConnections();
    for (const session of this.#sessions) session.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** How many requests of that key there were, with this one. */
  #count(key: string | null): number {
    const count = (this.#seen.get(key ?? '') ?? 0) + 1;
    this.#seen.set(key ?? '', count);
    return count;
  }

  async #answer(
    request: http.IncomingMessage | http2.Http2ServerRequest,
    response: http.ServerResponse | http2.Http2ServerResponse,
  ): Promise<void> {
    this.requests += 1;
    let bodyLength = 0;
    let asked = Buffer.alloc(0);
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bodyLength += chunk.length;
      if (asked.length < 1024) asked = Buffer.concat([asked, chunk]);
    }
    const target = request.url ?? '/';
    const said = request.headers['x-echo'];
    const query = typeof said === 'string' ? new URLSearchParams(said) : new URL(target, 'http://echo').searchParams;
    const delayed = Number(query.get('delay-first') ?? Number.POSITIVE_INFINITY);
    const delay = Number(query.get('delay') ?? 0);
    const here = query.get('delay-at') ?? this.name;
    if (
      delay > 0 &&
      here === this.name &&
      (delayed === Number.POSITIVE_INFINITY || this.#count(query.get('key')) <= delayed)
    )
      await pause(delay);
    if (query.has('reset')) {
      if ('stream' in response) response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      else response.destroy();
      return;
    }
    let status = Number(query.get('status') ?? 200);
    const failFirst = this.#alwaysFails === undefined ? Number(query.get('fail-first') ?? 0) : Infinity;
    if (failFirst > 0) {
      const count = this.#count(query.get('key'));
      const failGrpc = this.#alwaysFails?.toString() ?? query.get('fail-grpc');
      if (count <= failFirst && failGrpc !== null) {
        const head = { 'content-type': 'application/grpc', 'grpc-status': failGrpc, 'x-backend': this.name };
        if ('stream' in response) response.stream.respond({ ':status': 200, ...head }, { endStream: true });
        else response.writeHead(200, head).end();
        return;
      }
      if (count <= failFirst) status = 503;
    }
    const headers: Record<string, string> = { 'content-type': 'application/json', 'x-backend': this.name };
    for (const header of query.getAll('header')) {
      const colon = header.indexOf(':');
      headers[header.slice(0, colon)] = header.slice(colon + 1);
    }
    if (target === '/grpc.health.v1.Health/Check' && 'stream' in response) {
      const status = asked.toString('latin1').includes('down') ? 2 : 1;
      response.writeHead(200, { 'content-type': 'application/grpc' });
      response.addTrailers({ 'grpc-status': '0' });
      response.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
      return;
    }
    const echo: Echo = {
      backend: this.name,
      method: request.method ?? '',
      path: target,
      version: request.httpVersion,
      headers: withHost(request.headers),
      bodyLength,
      ...(Object.keys(request.trailers).length === 0 ? {} : { trailers: request.trailers as Record<string, string> }),
    };
    const remember = query.get('remember');
    if (remember !== null) this.#remembered.set(remember, echo);
    const recall = query.get('recall');
    const told = recall === null ? echo : await this.#recalled(recall);
    const grpc = query.get('grpc');
    const framed = query.has('grpc-message');
    if (grpc !== null || framed || query.has('grpc-echo')) headers['content-type'] = 'application/grpc';
    const length = Number(query.get('body') ?? 0);
    const plain =
      grpc !== null
        ? grpcMessage(Buffer.alloc(Number(grpc), 97))
        : framed
          ? grpcMessage(Buffer.from(JSON.stringify(told)))
          : length > 0
            ? Buffer.alloc(length, 97)
            : JSON.stringify(told);
    const coding = query.get('encode');
    if (coding !== null) headers['content-encoding'] = coding;
    const body = coding === null ? plain : ENCODERS[coding]?.(plain);
    const trailers = query.getAll('trailer').map((trailer): [string, string] => {
      const colon = trailer.indexOf(':');
      return [trailer.slice(0, colon), trailer.slice(colon + 1)];
    });
    const grpcStatus = query.get('grpc-status');
    if ('stream' in response) {
      response.writeHead(status, headers);
      if (grpcStatus !== null) trailers.push(['grpc-status', grpcStatus]);
      if (trailers.length > 0) response.addTrailers(Object.fromEntries(trailers));
      response.end(body);
      return;
    }
    response.writeHead(status, headers);
    if (trailers.length > 0) response.addTrailers(Object.fromEntries(trailers));
    response.end(body);
  }

  async #recalled(name: string): Promise<Echo | undefined> {
    for (let left = 100; left > 0 && !this.#remembered.has(name); left -= 1) await pause(20);
    return this.#remembered.get(name);
  }
}

const ENCODERS: Readonly<Record<string, (body: string | Buffer) => Buffer>> = {
  gzip: (body) => zlib.gzipSync(body),
  br: (body) => zlib.brotliCompressSync(body),
  zstd: (body) => zlib.zstdCompressSync(body),
};

/** Length-prefixed, not compressed (gRPC over HTTP/2, Length-Prefixed-Message). */
function grpcMessage(content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

function withHost(headers: http.IncomingHttpHeaders | http2.IncomingHttpHeaders): Record<string, string> {
  const { ':authority': authority, ...others } = headers as Record<string, string>;
  return authority === undefined ? others : { host: authority, ...others };
}
