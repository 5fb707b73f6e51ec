/**
 * The API on sockets: listens on a Unix socket and on TCP, and takes connections that somebody else accepted (a TLS front). One
 * node:http server parses them all, with limits on heads, times and connections.
 */
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { err, ok, type Result } from '@weft/core/kernel';
import { ApiHandler, type Site } from './api-handler.ts';
import { Authenticator, type Connection } from './auth/authenticator.ts';
import { tokenRoutes } from './auth/token-routes.ts';
import { Tokens } from './auth/tokens.ts';
import type { ExtraRoute } from './extra-route.ts';
import type { ApiContext } from './handlers/call.ts';
import { Watches } from './handlers/watches.ts';
import type { Resources } from './resources.ts';

export interface ApiServerOptions {
  readonly resources: Resources;
  readonly version: string;
  readonly wall: ApiContext['wall'];
  readonly monotonic: ApiContext['monotonic'];
  /** Whether /readyz says yes; always, when absent. */
  readonly ready?: () => boolean;
  /** Told about defects; nothing else is logged here. */
  readonly defect: (error: unknown) => void;
  readonly limits?: Partial<ApiLimits>;
  /** Further paths below `/weft/v1/`. */
  readonly extra?: readonly ExtraRoute[];
  /** Files beside the API that everybody may read. */
  readonly site?: Site;
}

export interface ApiLimits {
  /** ms from the first byte of a request to the end of its head; 15 s. */
  readonly headersTimeout: number;
  /** ms from the first byte of a request to the end of its body; 60 s. */
  readonly requestTimeout: number;
  /** ms an idle connection stays; 65 s. */
  readonly keepAliveTimeout: number;
  /** Connections at once; more are closed; 2,000. */
  readonly connections: number;
}

const LIMITS: ApiLimits = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connections: 2000,
};
/** Bytes of a request's head. */
const MAX_HEAD = 32 * 1024;

export class ApiServer {
  readonly tokens: Tokens;
  readonly handler: ApiHandler;
  readonly #http: HttpServer;
  readonly #limits: ApiLimits;
  readonly #watches = new Watches();
  readonly #connections = new WeakMap<object, Connection>();
  readonly #open = new Set<Duplex>();
  readonly #listeners = new Set<net.Server>();
  #stopping = false;
  /** Called when the last connection is closed. */
  #onEmpty: () => void = () => undefined;

  constructor(options: ApiServerOptions) {
    const { resources, wall, monotonic, version, defect, ready = () => true } = options;
    this.tokens = new Tokens(resources.store, wall);
    const authenticator = new Authenticator(this.tokens);
    this.handler = new ApiHandler(
      { resources, authenticator, watches: this.#watches, wall, monotonic, version, ready, defect },
      [...tokenRoutes(this.tokens), ...(options.extra ?? [])],
      options.site,
    );
    this.#limits = { ...LIMITS, ...options.limits };
    const { headersTimeout, requestTimeout, keepAliveTimeout } = this.#limits;
    this.#http = createHttpServer({
      maxHeaderSize: MAX_HEAD,
      headersTimeout,
      requestTimeout,
      keepAliveTimeout,
      connectionsCheckingInterval: Math.ceil(headersTimeout / 3),
    });
    this.#http.maxRequestsPerSocket = 0;
    this.#http.on('request', (request, response) => {
      response.on('error', () => undefined);
      response.on('close', () => {
        if (this.#stopping) setImmediate(() => this.#http.closeIdleConnections());
      });
      void this.handler.handle(request, response, this.#connections.get(request.socket) ?? { via: 'tcp' });
    });
    // node:http starts to look after slow requests when its server listens; ours is handed its sockets.
    this.#http.emit('listening');
  }

  /** Serves a connection that somebody else accepted: a socket of node:net or node:tls. */
  accept(socket: Duplex, connection: Connection): void {
    if (this.#open.size >= this.#limits.connections) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, connection);
    this.#open.add(socket);
    socket.on('close', () => {
      this.#open.delete(socket);
      if (this.#open.size === 0) this.#onEmpty();
    });
    socket.on('error', () => socket.destroy());
    this.#http.emit('connection', socket);
  }

  /**
   * Listens on a Unix socket; whoever can reach it is admin, so it must be in a folder of mode 0700. A socket file that a dead process
   * left is replaced; of a living one the error says so.
   */
  async listenUnix(path: string): Promise<Result<void, string>> {
    if (existsSync(path)) {
      if (await answers(path))
        return err(`${path}: another process listens there: stop it or choose another data folder`);
      rmSync(path, { force: true });
    }
    const listened = await this.#listen({ path }, { via: 'local' });
    if (!listened.ok) return listened;
    chmodSync(path, 0o600);
    return ok(undefined);
  }

  /** Listens on plain TCP, for tests and for a front that ends TLS; every request needs a token. Port 0: a free one. */
  async listenTcp(host: string, port: number): Promise<Result<AddressInfo, string>> {
    const listened = await this.#listen({ host, port }, { via: 'tcp' });
    if (!listened.ok) return listened;
    const address = listened.value.address();
    return typeof address === 'object' && address !== null ? ok(address) : err('no address');
  }

  /** Ends watches, refuses new connections, closes the ones there are once their answers are out, at the latest after `patienceMs`. */
  async stop(patienceMs = 1000): Promise<void> {
    const closed = [...this.#listeners].map((listener) => new Promise((resolve) => listener.close(resolve)));
    this.#listeners.clear();
    this.#stopping = true;
    this.#watches.endAll();
    this.#http.close();
    this.#http.closeIdleConnections();
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    const timer = setTimeout(() => {
      for (const socket of this.#open) socket.destroy();
    }, patienceMs);
    if (this.#open.size > 0) await empty;
    await Promise.all(closed);
    clearTimeout(timer);
  }

  #listen(where: net.ListenOptions, connection: Connection): Promise<Result<net.Server, string>> {
    return new Promise((resolve) => {
      const listener = net.createServer({ noDelay: true }, (socket) => this.accept(socket, connection));
      listener.once('error', (error) => resolve(err(listenFailure(where, error))));
      listener.listen(where, () => {
        this.#listeners.add(listener);
        resolve(ok(listener));
      });
    });
  }
}

function listenFailure({ path, host, port }: net.ListenOptions, error: Error): string {
  const where = path ?? `${host}:${port}`;
  const code = 'code' in error ? String(error.code) : '';
  const remedies: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use: stop what listens there or choose another with --listen',
    EACCES: 'permission denied: choose another with --listen',
    EADDRNOTAVAIL: 'this host has no such address: choose another with --listen',
    EINVAL: 'the path is too long for a Unix socket (at most 107 bytes): choose another data folder',
    ENAMETOOLONG: 'the path is too long for a Unix socket (at most 107 bytes): choose another data folder',
  };
  return `${where}: ${remedies[code] ?? error.message}`;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = net.connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
