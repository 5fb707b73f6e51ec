/** The backend of the pairing runs over both versions of HTTP: Node's own servers, which do what the query says and tell what they got. */
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Digest, writeSize } from './pattern.ts';

type Request = http.IncomingMessage | http2.Http2ServerRequest;
type Response = http.ServerResponse | http2.Http2ServerResponse;

/** What became of one request, by its `id` in the query. */
export interface Seen {
  length: number;
  sha: string;
  /** The request came to its end, or was cut. */
  whole: boolean;
  cut: boolean;
}

export class PairingBackend {
  readonly seen = new Map<string, Seen>();
  readonly #http1 = http.createServer((request, response) => this.#accept(request, response));
  readonly #http2 = http2.createServer((request, response) => this.#accept(request, response));
  readonly #sockets = new Set<Socket>();

  async start(): Promise<{ readonly h1: number; readonly h2: number }> {
    this.#http1.on('checkContinue', (request, response) => this.#accept(request, response));
    this.#http2.on('checkContinue', (request, response) => this.#accept(request, response));
    this.#http1.keepAliveTimeout = 30_000;
    for (const server of [this.#http1, this.#http2] as readonly Server[]) {
      server.on('connection', (socket: Socket) => {
        this.#sockets.add(socket);
        socket.on('close', () => this.#sockets.delete(socket));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return { h1: (this.#http1.address() as AddressInfo).port, h2: (this.#http2.address() as AddressInfo).port };
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#http1.close();
    this.#http2.close();
  }

  /** A request that is cut ends its own handling only. */
  #accept(request: Request, response: Response): void {
    this.#serve(request, response).catch(() => {});
  }

  async #serve(request: Request, response: Response): Promise<void> {
    const query = new URL(request.url ?? '/', 'http://backend').searchParams;
    const seen: Seen = { length: 0, sha: '', whole: false, cut: false };
    this.seen.set(query.get('id') ?? '', seen);
    const digest = new Digest();
    const over = (): void => {
      seen.cut ||= !seen.whole;
    };
    request.on('aborted', over);
    request.on('error', over);
    response.on('error', () => {});
    response.on('close', () => {
      if (!response.writableEnded) seen.cut = true;
    });
    const early = query.get('early');
    if (early !== null) {
      // The answer goes out while the request is still coming, and nobody reads that.
      response.statusCode = Number(early);
      (response as http.ServerResponse).end('early');
      return;
    }
    if (query.get('interim') === '100') response.writeContinue();
    if (query.get('interim') === '103') response.writeEarlyHints({ link: '</x>; rel=preload' });
    if (query.has('reset-before')) {
      await once(request, 'readable').catch(() => {});
      return cut(response);
    }
    const readPause = Number(query.get('read-pause') ?? 0);
    for await (const chunk of request.on('error', () => {}) as AsyncIterable<Buffer>) {
      digest.feed(chunk);
      seen.length = digest.length;
      if (readPause > 0) await new Promise((resolve) => setTimeout(resolve, readPause));
    }
    seen.whole = request.complete;
    seen.length = digest.length;
    seen.sha = digest.hex;
    if (query.has('hang')) return;
    const size = Number(query.get('answer') ?? 0);
    const check = request.trailers['x-check'];
    const trailers = query.has('trailers');
    response.statusCode = Number(query.get('status') ?? 200);
    response.setHeader('x-length', String(digest.length));
    response.setHeader('x-sha', seen.sha);
    response.setHeader('x-check', String(check ?? '-'));
    if (query.get('framing') === 'length') response.setHeader('content-length', String(size));
    if (trailers && response instanceof http.ServerResponse) response.setHeader('trailer', 'x-sum');
    const broken = query.get('reset-after');
    await writeSize(
      response as http.ServerResponse,
      broken === null ? size : Number(broken),
      65_536,
      Number(query.get('write-pause') ?? 0),
    );
    if (broken !== null) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return cut(response);
    }
    if (trailers) response.addTrailers({ 'x-sum': 'done' });
    response.end();
  }
}

function cut(response: Response): void {
  if (response instanceof http.ServerResponse) response.socket?.resetAndDestroy();
  else response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
}
