/** The connections of one HTTP connection manager: accept, tell the version, drain, cut. */
import { speaksHttp2 } from '../http2/alpn.ts';
import { Http2ServerConnection } from '../http2/server-connection.ts';
import type { DownstreamConnection, HttpManager } from '../ports.ts';
import type { ManagerContext } from './manager-context.ts';
import { ServerConnection } from './server-connection.ts';

type Connection = ServerConnection | Http2ServerConnection;

export class HttpConnections implements HttpManager {
  readonly #context: ManagerContext;
  readonly #connections = new Set<Connection>();
  draining = false;

  constructor(context: ManagerContext) {
    this.#context = context;
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  get openExchanges(): number {
    let count = 0;
    for (const connection of this.#connections) count += connection.openExchanges;
    return count;
  }

  accept(downstream: DownstreamConnection): void {
    const { codec } = this.#context.manager;
    this.#context.connections.total.add(1);
    if (codec === 'http2' || (codec === 'auto' && speaksHttp2(downstream.alpn))) {
      this.#http2(downstream, undefined);
      return;
    }
    const connection = new ServerConnection(downstream, this.#context, this);
    this.#connections.add(connection);
    connection.start(codec === 'auto' && downstream.alpn === '');
  }

  /** The first octets were those of HTTP/2's preface. */
  becomesHttp2(connection: ServerConnection, early: Uint8Array): void {
    this.#connections.delete(connection);
    this.#http2(connection.downstream, early);
  }

  #http2(downstream: DownstreamConnection, early: Uint8Array | undefined): void {
    const connection = new Http2ServerConnection(downstream, this.#context, this);
    this.#connections.add(connection);
    this.#context.connections.http2.add(1);
    connection.start(early);
  }

  ask(): void {
    for (const connection of this.#connections) if (connection instanceof Http2ServerConnection) connection.drain();
  }

  drain(): void {
    this.draining = true;
    this.#context.filters?.stop();
    for (const connection of this.#connections) connection.drain();
  }

  destroy(): void {
    this.#context.filters?.stop();
    for (const connection of this.#connections) connection.destroy();
  }

  connectionEnded(connection: Connection): void {
    if (this.#connections.delete(connection)) this.#context.connections.destroyed.add(1);
  }
}
