/**
 * The admin port: Envoy's pages on a loopback address or a Unix socket, one request a connection. Not for other machines: it has no
 * authentication beyond who can reach it, and answers no page of another site in a browser here. Pages that change something want POST.
 */
import type { Socket } from 'node:net';
import { isLoopback, parseIp } from '@weft/core/kernel';
import type { SocketAddress } from '@weft/core/proxy-config';
import { type Inheritance, ListeningSocket, type PassedSocket, passKey } from '../listen/index.ts';
import { type AdminRequest, isLocalHost, readAdminRequest } from './request.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface AdminPage {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly help: string;
  readonly answer: (request: AdminRequest) => AdminAnswer | Promise<AdminAnswer>;
}

export const text = (body: string, status = 200): AdminAnswer => ({ status, type: 'text/plain; charset=UTF-8', body });
export const json = (value: unknown): AdminAnswer => ({
  status: 200,
  type: 'application/json',
  body: `${JSON.stringify(value, undefined, 1)}\n`,
});

/** ms for a whole request. */
const TIMEOUT = 10_000;
const MAX_CONNECTIONS = 64;

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
};

/** In `PassedSocket.engine`: the admin port is no engine's. */
export const ADMIN_ENGINE = -1;
/** By what it is known among the sockets that go from one process to the next. */
const NAME = 'admin';
const SETTING = { tcpBacklogSize: 128, tcpKeepalive: undefined };

export class AdminServer {
  readonly #pages: ReadonlyMap<string, AdminPage>;
  readonly #allowed: ((path: string) => boolean) | undefined;
  readonly #sockets = new Set<Socket>();
  #listening: ListeningSocket | undefined;

  /** `allowed`: which paths are answered; default: all. */
  constructor(pages: readonly AdminPage[], allowed?: (path: string) => boolean) {
    this.#allowed = allowed;
    this.#pages = new Map(pages.map((page) => [page.path, page]));
  }

  /** The port bound; 0 for a Unix socket. */
  get port(): number {
    return this.#listening?.port ?? 0;
  }

  /** Rejects when the address is in use or may be reached from other machines. */
  async start(address: SocketAddress, inheritance?: Inheritance): Promise<void> {
    const ip = address.kind === 'ip' ? parseIp(address.ip) : undefined;
    if (address.kind !== 'pipe' && (ip === undefined || !isLoopback(ip)))
      throw new Error('the admin address must be a loopback address or a Unix socket');
    const socket = new ListeningSocket(address, SETTING);
    const passed = inheritance?.take(passKey(address, false, NAME, 0));
    if (passed !== undefined && inheritance !== undefined) socket.adopt(passed, inheritance);
    else {
      const bound = await socket.bind();
      if (!bound.ok) throw new Error(bound.message);
    }
    socket.owner = { accept: (accepted) => this.#serve(accepted) };
    this.#listening = socket;
  }

  /** Its socket, for another process to accept on; none when it has no descriptor. */
  passable(): PassedSocket[] {
    const { address, port, descriptor } = this.#listening ?? {};
    if (address === undefined || port === undefined || descriptor === undefined) return [];
    return [{ engine: ADMIN_ENGINE, key: passKey(address, false, NAME, 0), port, descriptor }];
  }

  /** `passedOn`: another process accepts on its socket. */
  stop(passedOn = false): void {
    if (passedOn) this.#listening?.retire(true);
    else this.#listening?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    if (this.#sockets.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(TIMEOUT, () => socket.destroy());
    let bytes = '';
    const read = (chunk: Buffer): void => {
      bytes += chunk.toString('latin1');
      const outcome = readAdminRequest(bytes);
      if (outcome.kind === 'more') return;
      socket.removeListener('data', read);
      socket.resume();
      if (outcome.kind === 'refused') end(socket, text('', outcome.status), false);
      else void this.#respond(socket, outcome.request);
    };
    socket.on('data', read);
  }

  async #respond(socket: Socket, request: AdminRequest): Promise<void> {
    const answer = await this.#answer(request);
    if (!socket.destroyed) end(socket, answer, request.method === 'HEAD');
  }

  async #answer(request: AdminRequest): Promise<AdminAnswer> {
    if (!isLocalHost(request.host) || request.foreign) return text('this page answers on this machine only\n', 403);
    if (this.#allowed?.(request.path) === false) return text(`request to path ${request.path} not allowed\n`, 403);
    if (request.path === '/' || request.path === '/help') return text(this.#help());
    const page = this.#pages.get(request.path);
    if (page === undefined) return text(`no such page: ${request.path}\n${this.#help()}`, 404);
    const asked = request.method === 'HEAD' ? 'GET' : request.method;
    if (asked !== page.method) return text(`${page.path} wants ${page.method}\n`, 405);
    try {
      return await page.answer(request);
    } catch (error) {
      return text(`${error instanceof Error ? error.message : String(error)}\n`, 500);
    }
  }

  #help(): string {
    const lines = [...this.#pages.values()].map(
      ({ path, method, help }) => `  ${path}${method === 'POST' ? ' (POST)' : ''}: ${help}`,
    );
    return `admin commands are:\n${lines.sort().join('\n')}\n`;
  }
}

function end(socket: Socket, { status, type, body }: AdminAnswer, headOnly: boolean): void {
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}\r\ncontent-type: ${type}\r\ncache-control: no-cache, max-age=0\r\n` +
      `x-content-type-options: nosniff\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${headOnly ? '' : body}`,
  );
}
