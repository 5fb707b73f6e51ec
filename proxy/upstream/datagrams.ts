/**
 * Datagrams to one endpoint: a connected UDP socket of its own, so that only the endpoint's answers come in and its refusals are heard. Holds a
 * connection slot of the cluster from `open` to `close`.
 */
import { createSocket, type Socket } from 'node:dgram';
import type { Counter, DatagramHandler, DatagramPath } from '../ports.ts';
import type { ClusterBreaker } from './circuit-breaker.ts';
import type { UpstreamEndpoint } from './endpoint.ts';

/** Datagrams that wait while the socket is made, which takes a turn of the loop; more are dropped, as a network would. */
const MAX_WAITING = 16;

class DatagramStats {
  readonly sent: Counter;
  readonly received: Counter;
  readonly sendErrors: Counter;
  readonly receiveErrors: Counter;
  readonly dropped: Counter;

  constructor({ stats: { scope } }: UpstreamEndpoint) {
    this.sent = scope.counter('udp.sess_tx_datagrams');
    this.received = scope.counter('udp.sess_rx_datagrams');
    this.sendErrors = scope.counter('udp.sess_tx_errors');
    this.dropped = scope.counter('udp.sess_rx_datagrams_dropped');
    this.receiveErrors = scope.counter('udp.sess_rx_errors');
  }
}

export class UpstreamDatagrams implements DatagramPath {
  readonly endpoint: UpstreamEndpoint;
  readonly #breaker: ClusterBreaker;
  readonly #handler: DatagramHandler;
  readonly #stats: DatagramStats;
  readonly #maxBytes: number;
  readonly #socket: Socket;
  #waiting: Uint8Array[] | undefined = [];
  #open = true;

  /** Undefined: no slot is left, or the endpoint has no IP address. */
  static open(
    endpoint: UpstreamEndpoint,
    breaker: ClusterBreaker,
    handler: DatagramHandler,
    maxBytes: number,
  ): UpstreamDatagrams | undefined {
    const { address } = endpoint.endpoint;
    if (address.kind !== 'ip') return undefined;
    if (!breaker.tryConnection()) {
      endpoint.stats.overflow();
      return undefined;
    }
    return new UpstreamDatagrams(endpoint, breaker, handler, maxBytes, address.ip, address.port);
  }

  private constructor(
    endpoint: UpstreamEndpoint,
    breaker: ClusterBreaker,
    handler: DatagramHandler,
    maxBytes: number,
    ip: string,
    port: number,
  ) {
    this.endpoint = endpoint;
    this.#breaker = breaker;
    this.#handler = handler;
    this.#maxBytes = maxBytes;
    this.#stats = new DatagramStats(endpoint);
    const family = ip.includes(':') ? 6 : 4;
    this.#socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      lookup: (name, _options, done) => done(null, name, family),
    });
    this.#socket.on('error', () => this.#stats.receiveErrors.add(1));
    this.#socket.on('message', this.#received);
    this.#socket.connect(port, ip, this.#connected);
  }

  get usable(): boolean {
    return !this.endpoint.retired && this.endpoint.health !== 'unhealthy';
  }

  send(bytes: Uint8Array): void {
    if (!this.#open) return;
    if (this.#waiting === undefined) this.#socket.send(bytes, this.#sent);
    // The receiving side uses its buffer again.
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(Uint8Array.from(bytes));
    else this.#stats.sendErrors.add(1);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#waiting = undefined;
    this.#breaker.releaseConnection();
    this.#socket.close();
  }

  readonly #connected = (error?: Error): void => {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    if (!this.#open) return;
    if (error instanceof Error) this.#stats.sendErrors.add(waiting.length);
    else for (const bytes of waiting) this.#socket.send(bytes, this.#sent);
  };

  readonly #sent = (error: Error | null): void => (error === null ? this.#stats.sent : this.#stats.sendErrors).add(1);

  readonly #received = (bytes: Uint8Array): void => {
    if (bytes.length > this.#maxBytes) {
      this.#stats.dropped.add(1);
      return;
    }
    this.#stats.received.add(1);
    if (this.#open) this.#handler.answered(bytes);
  };
}
