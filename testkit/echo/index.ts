/** A backend that says who it is and what arrived; commands in the query make it misbehave. Node's own HTTP server, so an outside judge. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Echo {
  /** The backend's name. */
  readonly backend: string;
  readonly method: string;
  /** The request target as it arrived. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyLength: number;
}

/**
 * Understood in the query: `status=503`, `fail-first=2` (with `key=`: the first two requests of that key answer 503),
 * `delay=50` (ms before the answer), `header=name:value`, `reset=1` (closes without an answer), `body=100` (bytes of body instead of the echo).
 */
export class EchoServer {
  readonly name: string;
  readonly #server: http.Server;
  readonly #seen = new Map<string, number>();
  requests = 0;

  constructor(name: string) {
    this.name = name;
    this.#server = http.createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = 30_000;
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
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    this.requests += 1;
    let bodyLength = 0;
    request.on('data', (chunk: Buffer) => {
      bodyLength += chunk.length;
    });
    await new Promise((resolve, reject) => request.on('end', resolve).on('error', reject));
    const target = request.url ?? '/';
    const query = new URL(target, 'http://echo').searchParams;
    const delay = Number(query.get('delay') ?? 0);
    if (delay > 0) await pause(delay);
    if (query.has('reset')) {
      response.destroy();
      return;
    }
    let status = Number(query.get('status') ?? 200);
    const failFirst = Number(query.get('fail-first') ?? 0);
    if (failFirst > 0) {
      const key = query.get('key') ?? '';
      const count = (this.#seen.get(key) ?? 0) + 1;
      this.#seen.set(key, count);
      if (count <= failFirst) status = 503;
    }
    const headers: Record<string, string> = { 'content-type': 'application/json', 'x-backend': this.name };
    for (const header of query.getAll('header')) {
      const colon = header.indexOf(':');
      headers[header.slice(0, colon)] = header.slice(colon + 1);
    }
    const echo: Echo = {
      backend: this.name,
      method: request.method ?? '',
      path: target,
      headers: request.headers as Record<string, string>,
      bodyLength,
    };
    const length = Number(query.get('body') ?? 0);
    response.writeHead(status, headers);
    response.end(length > 0 ? Buffer.alloc(length, 97) : JSON.stringify(echo));
  }
}
