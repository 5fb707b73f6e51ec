/** The connections of one HTTP connection manager: accept, drain, cut. */
import type { DownstreamConnection, HttpManager } from '../ports.ts';
import type { ManagerContext } from './manager-context.ts';
import { type ConnectionOwner, ServerConnection } from './server-connection.ts';

export class Http1Manager implements HttpManager, ConnectionOwner {
  readonly #context: ManagerContext;
  readonly #connections = new Set<ServerConnection>();
  draining = false;

  constructor(context: ManagerContext) {
    this.#context = context;
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  get openExchanges(): number {
    let count = 0;
    for (const connection of this.#connections) if (connection.hasExchange) count += 1;
    return count;
  }

  accept(downstream: DownstreamConnection): void {
    const connection = new ServerConnection(downstream, this.#context, this);
    this.#connections.add(connection);
    connection.start();
  }

  drain(): void {
    this.draining = true;
    for (const connection of this.#connections) connection.drain();
  }

  destroy(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  connectionEnded(connection: ServerConnection): void {
    this.#connections.delete(connection);
  }
}
