/** Which pool an endpoint has: by its cluster's protocol, or by the client's when the cluster says so. */
import type { DownstreamConnection, EndpointPool, EndpointRuntime, EngineRuntime, PoolLoad } from '../ports.ts';
import { Http1Pool } from '../router/pool.ts';
import type { UpstreamPool } from '../router/upstream-client.ts';
import { sumOfLoads } from '../upstream/preconnect.ts';
import { HTTP1_ONLY, offersOwn } from './alpn.ts';
import { AutoPool } from './auto-pool.ts';
import { CallerPools } from './caller-pools.ts';
import { NamedPools } from './named-pools.ts';
import { Http2Pool } from './pool.ts';
import type { Http2Shared } from './shared.ts';

/** What pools take of the engine. */
export interface PoolContext {
  readonly runtime: Pick<EngineRuntime, 'timers'>;
  readonly http2: Http2Shared;
}

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
  get load(): PoolLoad {
    return sumOfLoads([this.http1, this.http2]);
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

/**
 * The pool of an endpoint, made on first use. `http2`: the client speaks HTTP/2; `upgrade`: the exchange needs HTTP/1.1 where there is a choice;
 * `downstream` undefined: a call of the engine's own; `serverName`: the host of the request, where its cluster asks for it.
 */
export function poolOf(
  endpoint: EndpointRuntime,
  context: PoolContext,
  http2: boolean,
  upgrade: boolean,
  downstream: DownstreamConnection | undefined,
  serverName = '',
): UpstreamPool {
  const pool = known(endpoint, context, downstream, serverName);
  if (pool instanceof PoolPair) return http2 ? pool.http2 : pool.http1;
  return pool instanceof AutoPool && upgrade ? pool.http1 : (pool as UpstreamPool);
}

function known(
  endpoint: EndpointRuntime,
  context: PoolContext,
  downstream: DownstreamConnection | undefined,
  serverName: string,
): EndpointPool {
  const { proxyProtocol, poolPerDownstreamConnection, autoSni } = endpoint.cluster.config;
  const caller = proxyProtocol === undefined && !poolPerDownstreamConnection ? undefined : downstream;
  const named = autoSni === undefined || !endpoint.secure ? undefined : serverName;
  const fresh = (): EndpointPool => (named === undefined ? make(endpoint, context, caller, '') : new NamedPools());
  let pool: EndpointPool;
  if (proxyProtocol === undefined && !poolPerDownstreamConnection) {
    pool = endpoint.pool ?? fresh();
    endpoint.pool = pool;
  } else {
    const pools = endpoint.pool instanceof CallerPools ? endpoint.pool : new CallerPools();
    endpoint.pool = pools;
    pool = pools.of(downstream, fresh);
  }
  if (!(pool instanceof NamedPools)) return pool;
  return pool.of(serverName, () => make(endpoint, context, caller, serverName));
}

/** `downstream`: the caller that the pool is for alone. */
function make(
  endpoint: EndpointRuntime,
  { runtime: { timers }, http2: shared }: PoolContext,
  downstream: DownstreamConnection | undefined,
  serverName: string,
): EndpointPool {
  const { protocol } = endpoint;
  switch (protocol.kind) {
    case 'http1':
      return new Http1Pool(endpoint, timers, offersOwn(endpoint) ? undefined : HTTP1_ONLY, downstream, serverName);
    case 'http2':
      return new Http2Pool(endpoint, protocol.options, timers, shared, undefined, downstream, serverName);
    case 'auto':
      return new AutoPool(endpoint, protocol.options, timers, shared, downstream, serverName);
    case 'downstream':
      return new PoolPair(
        new Http1Pool(endpoint, timers, HTTP1_ONLY, downstream, serverName),
        new Http2Pool(endpoint, protocol.options, timers, shared, undefined, downstream, serverName),
      );
  }
}
