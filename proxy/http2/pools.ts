/** Which pool an endpoint has: by its cluster's protocol, or by the client's when the cluster says so. */
import type { ManagerContext } from '../http/manager-context.ts';
import type { EndpointPool, EndpointRuntime } from '../ports.ts';
import { Http1Pool } from '../router/pool.ts';
import type { UpstreamPool } from '../router/upstream-client.ts';
import { Http2Pool } from './pool.ts';

/** Both versions to one endpoint (use_downstream_protocol_config). */
class PoolPair implements EndpointPool {
  readonly http1: Http1Pool;
  readonly http2: Http2Pool;

  constructor(http1: Http1Pool, http2: Http2Pool) {
    this.http1 = http1;
    this.http2 = http2;
  }
  get connections(): number {
    return this.http1.connections + this.http2.connections;
  }
  drain(): void {
    this.http1.drain();
    this.http2.drain();
  }
  destroy(): void {
    this.http1.destroy();
    this.http2.destroy();
  }
}

/** The pool of an endpoint, made on first use. `http2`: the client speaks HTTP/2. */
export function poolOf(
  endpoint: EndpointRuntime,
  { runtime, http2: shared }: ManagerContext,
  http2: boolean,
): UpstreamPool {
  const { pool, protocol } = endpoint;
  if (pool instanceof Http1Pool || pool instanceof Http2Pool) return pool;
  if (pool instanceof PoolPair) return http2 ? pool.http2 : pool.http1;
  const { timers } = runtime;
  if (protocol.kind === 'http1') return Http1Pool.of(endpoint, timers);
  const made = new Http2Pool(endpoint, protocol.options, timers, shared);
  if (protocol.kind === 'http2') {
    endpoint.pool = made;
    return made;
  }
  const pair = new PoolPair(new Http1Pool(endpoint, timers), made);
  endpoint.pool = pair;
  return http2 ? pair.http2 : pair.http1;
}
