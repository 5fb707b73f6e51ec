/**
 * Connections to an endpoint whose version ALPN decides (Envoy: auto_config). The first connection tells; while the endpoint speaks HTTP/2,
 * all exchanges but upgrades are streams. It is asked again whenever no connection is left, so that an endpoint may change. It never
 * guesses: an exchange waits until the handshake has told.
 */
import type {
  BreakerPriority,
  DownstreamConnection,
  EndpointRuntime,
  PoolLoad,
  SharedReads,
  TimerWheel,
  UpstreamConnection,
} from '../ports.ts';
import { Http1Client } from '../router/client.ts';
import { Http1Pool } from '../router/pool.ts';
import type { PoolWaiter, UpstreamClient, UpstreamPool } from '../router/upstream-client.ts';
import { sumOfLoads } from '../upstream/preconnect.ts';
import { HTTP1_ONLY } from './alpn.ts';
import { Http2Pool, type VersionChoice } from './pool.ts';
import type { Http2Options } from '@weft/core/proxy-config';
import type { Http2Shared } from './shared.ts';

export class AutoPool implements UpstreamPool, VersionChoice {
  /** For upgrades too. */
  readonly http1: Http1Pool;
  readonly #http2: Http2Pool;
  #speaksHttp1 = false;

  /** `downstream`: the caller that the pool is for alone, where connections name it. */
  constructor(
    endpoint: EndpointRuntime,
    options: Http2Options,
    timers: TimerWheel,
    shared: Http2Shared,
    downstream?: DownstreamConnection,
    serverName = '',
  ) {
    this.http1 = new Http1Pool(endpoint, timers, HTTP1_ONLY, downstream, serverName);
    this.#http2 = new Http2Pool(endpoint, options, timers, shared, this, downstream, serverName);
  }

  get connections(): number {
    return this.http1.connections + this.#http2.connections;
  }

  get load(): PoolLoad {
    return sumOfLoads([this.http1, this.#http2]);
  }

  expect(ratio: number, priority: BreakerPriority): void {
    if (this.#speaksHttp1 && this.http1.connections > 0) this.http1.expect(ratio, priority);
    else this.#http2.expect(ratio, priority);
  }

  take(): UpstreamClient | undefined {
    return this.#http2.take() ?? (this.#speaksHttp1 ? this.http1.take() : undefined);
  }

  wait(waiter: PoolWaiter, priority: BreakerPriority): void {
    if (this.#speaksHttp1 && this.http1.connections > 0) this.http1.wait(waiter, priority);
    else this.#http2.wait(waiter, priority);
  }

  stopWaiting(waiter: PoolWaiter): void {
    this.#http2.stopWaiting(waiter);
    this.http1.stopWaiting(waiter);
  }

  release(client: UpstreamClient): void {
    if (client instanceof Http1Client) this.http1.release(client);
    else this.#http2.release(client);
  }

  dropIdle(): void {
    this.http1.dropIdle();
  }

  drain(): void {
    this.http1.drain();
    this.#http2.drain();
  }

  destroy(): void {
    this.http1.destroy();
    this.#http2.destroy();
  }

  choseHttp2(): void {
    this.#speaksHttp1 = false;
  }

  choseHttp1(connection: UpstreamConnection, reads: SharedReads, waiters: readonly PoolWaiter[]): void {
    this.#speaksHttp1 = true;
    const [first, ...others] = waiters;
    this.http1.adopt(connection, reads, first);
    for (const waiter of others) this.http1.wait(waiter, 'default');
  }
}
