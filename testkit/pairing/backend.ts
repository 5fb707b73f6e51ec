/** The backend of the pairing runs over both versions of HTTP, in plaintext and over TLS: Node's own servers, which do what the query says and tell what they got. */
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { PairingCertificates } from './bootstrap.ts';
import { Digest, messageHead, writeSize } from './pattern.ts';

type Request = http.IncomingMessage | http2.Http2ServerRequest;
type Response = http.ServerResponse | http2.Http2ServerResponse;

const CONNECTION_WINDOW = 16 * 1024 * 1024;

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
  readonly #secure: http2.Http2SecureServer | undefined;
  readonly #sockets = new Set<Socket>();

  /** With certificates there is a server over TLS too, which takes HTTP/2 by ALPN. */
  constructor(certificates?: PairingCertificates) {
    if (certificates === undefined) return;
    const { chain, key } = certificates;
    this.#secure = http2.createSecureServer({ cert: readFileSync(chain), key: readFileSync(key), allowHTTP1: true });
    this.#secure.on('request', (request, response) => this.#accept(request, response));
  }

  async start(): Promise<{ readonly h1: number; readonly h2: number; readonly alpn?: number }> {
    this.#http1.keepAliveTimeout = 30_000;
    // Node does not give back what a cut stream took of its connection's window: with the usual 64 KiB the next streams would stand still.
    for (const server of [this.#http2, this.#secure])
      server?.on('session', (session: http2.ServerHttp2Session) => session.setLocalWindowSize(CONNECTION_WINDOW));
    const port = async (server: Server): Promise<number> => {
      server.on('checkContinue', (request: Request, response: Response) => this.#accept(request, response));
      server.on('connection', (socket: Socket) => {
        this.#sockets.add(socket);
        socket.on('close', () => this.#sockets.delete(socket));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    };
    const ports = { h1: await port(this.#http1), h2: await port(this.#http2) };
    return this.#secure === undefined ? ports : { ...ports, alpn: await port(this.#secure) };
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#http1.close();
    this.#http2.close();
    this.#secure?.close();
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
    // Of HTTP/2 Node calls a request complete that was cut.
    const wasCut = isBroken(request);
    seen.cut ||= wasCut;
    seen.whole = request.complete && !wasCut;
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
    const grpc = query.has('grpc');
    if (query.get('framing') === 'length') response.setHeader('content-length', String(size));
    if (grpc) {
      response.setHeader('content-type', 'application/grpc');
      (response as http.ServerResponse).write(messageHead(size));
    }
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
    if (trailers || grpc)
      response.addTrailers({ ...(grpc ? { 'grpc-status': '0' } : {}), ...(trailers ? { 'x-sum': 'done' } : {}) });
    response.end();
  }
}

function isBroken(request: Request): boolean {
  if (request instanceof http.IncomingMessage) return request.aborted;
  const { aborted, rstCode } = request.stream;
  return aborted || rstCode > 0;
}

function cut(response: Response): void {
  if (response instanceof http.ServerResponse) response.socket?.resetAndDestroy();
  else response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
}
