/** CONNECT: a connection of its own to the endpoint, outside of any pool, for raw bytes of no protocol that we know. Holds no slots and writes nothing. */
import type { ConnectError } from '../errors.ts';
import type {
  BreakerPriority,
  ConnectAttempt,
  ConnectHandler,
  DownstreamConnection,
  EndpointRuntime,
  UpstreamConnection,
} from '../ports.ts';

/** Exactly one of the two is called, unless it was cancelled before. */
export interface TunnelConnectOwner {
  tunnelConnected(connection: UpstreamConnection): void;
  clientFailed(error: ConnectError, detail: string): void;
}

export class TunnelConnect implements ConnectHandler {
  readonly alpn: readonly string[] = [];
  /** Whom a PROXY header before the tunnel names. */
  readonly downstream: DownstreamConnection;
  readonly #owner: TunnelConnectOwner;
  readonly #attempt: ConnectAttempt;

  constructor(
    endpoint: EndpointRuntime,
    priority: BreakerPriority,
    downstream: DownstreamConnection,
    owner: TunnelConnectOwner,
  ) {
    this.downstream = downstream;
    this.#owner = owner;
    this.#attempt = endpoint.connect(this, priority);
  }

  cancel(): void {
    this.#attempt.cancel();
  }

  connected(connection: UpstreamConnection): void {
    this.#owner.tunnelConnected(connection);
  }

  connectFailed(error: ConnectError, detail: string): void {
    this.#owner.clientFailed(error, detail);
  }
}
