/**
 * The dashboard on loopback, as `weft dashboard` serves it: its files, and what it asks of the control plane by the rights of the user who
 * started it. Only reading calls are handed on; another host name, another origin or a missing cookie is refused, so that no page on
 * the web and no other user of this machine can ask through it.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SECURITY_HEADERS } from './headers.ts';
import { dashboardSite, refuse } from './site.ts';
import { LoopbackSession } from './session.ts';

/** How the server asks the control plane; gives the answer as it comes. */
export type Upstream = (
  call: { readonly method: string; readonly target: string; readonly headers: http.OutgoingHttpHeaders },
  body: IncomingMessage | undefined,
) => http.ClientRequest;

export interface LocalServerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly upstream: Upstream;
}

/** Reading calls. POST is what long queries, and objects that are asked about, come by; these change nothing. */
const READS = /^\/(?:weft\/v1\/|apis?(?:\/|$)|version$)/;
const POSTS = /^\/weft\/v1\/(?:plan|prometheus\/api\/v1\/(?:query|query_range|series|labels))$/;
/** Tokens are nothing to look at. */
const NEVER = /^\/weft\/v1\/(?:apitokens|tokens|revocations|session)/;

export class LocalDashboard {
  readonly #options: LocalServerOptions;
  readonly #site = dashboardSite();
  readonly #server: http.Server;
  #session: LoopbackSession | undefined;
  #hosts: ReadonlySet<string> = new Set();

  constructor(options: LocalServerOptions) {
    this.#options = options;
    this.#server = http.createServer({ maxHeaderSize: 16 * 1024 }, (request, response) => {
      try {
        this.#answer(request, response);
      } catch {
        response.destroy();
      }
    });
    this.#server.maxConnections = 200;
  }

  /** The link to open. */
  async start(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#options.port, '127.0.0.1', resolve);
    });
    const { port } = this.#server.address() as AddressInfo;
    this.#session = new LoopbackSession(port);
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
    return `http://127.0.0.1:${port}/enter?key=${this.#session.key}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const { host = '', origin, cookie } = request.headers;
    const method = request.method ?? '';
    const target = request.url ?? '';
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    if (!this.#hosts.has(host)) return refuse(response, 421, 'this address is not served here');
    if (origin !== undefined && origin !== `http://${host}`) return refuse(response, 403, 'asked from another origin');
    if (request.headers['sec-fetch-site'] === 'cross-site' && path !== '/enter')
      return refuse(response, 403, 'asked from another site');
    if (path === '/enter' && method === 'GET') return this.#enter(target.slice(mark + 1), response);
    if (this.#session?.holds(cookie) !== true)
      return refuse(response, 401, 'open the link that weft dashboard printed');
    if (path === '/') return redirect(response, '/dashboard/');
    if (path.startsWith(this.#site.below))
      return this.#site.serve(request, response, path.slice(this.#site.below.length));
    const reads = method === 'GET' && READS.test(path) && !NEVER.test(path);
    const posts = method === 'POST' && POSTS.test(path) && origin !== undefined;
    if (!reads && !posts) return refuse(response, 403, 'the dashboard reads only: use weft to change something');
    this.#handOn(request, response, method, target);
  }

  #enter(query: string, response: ServerResponse): void {
    const cookie = this.#session?.enter(new URLSearchParams(query).get('key') ?? '');
    if (cookie === undefined) return refuse(response, 401, 'this is not the link that weft dashboard printed');
    response.setHeader('set-cookie', cookie);
    redirect(response, '/dashboard/');
  }

  #handOn(request: IncomingMessage, response: ServerResponse, method: string, target: string): void {
    const { accept = '*/*', 'content-type': type } = request.headers;
    const headers = { accept, ...(type === undefined ? {} : { 'content-type': type }) };
    const asked = this.#options.upstream({ method, target, headers }, method === 'POST' ? request : undefined);
    asked.on('response', (answer) => {
      const kept = ['content-type', 'content-length', 'warning', 'retry-after'].flatMap((name) => {
        const value = answer.headers[name];
        return value === undefined ? [] : [[name, value] as const];
      });
      response.writeHead(answer.statusCode ?? 502, { ...Object.fromEntries(kept), 'cache-control': 'no-store' });
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    asked.on('error', (error) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, `the control plane does not answer: ${error.message}`);
    });
    response.on('close', () => asked.destroy());
  }
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
}
