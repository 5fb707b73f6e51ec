/**
 * Pools of an endpoint by the host that requests are for (UpstreamHttpProtocolOptions): a connection was verified for one name and carries
 * requests for no other. Callers choose the names, so their number is bounded: the oldest pool drains and goes.
 */
import type { EndpointPool } from '../ports.ts';
import { PoolSet } from './pool-set.ts';

const LIMIT = 100;

export class NamedPools extends PoolSet<string> {
  /** The pool of that name, made by `make` on first use. */
  of(name: string, make: () => EndpointPool): EndpointPool {
    const known = this.pools.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.pools;
    if (oldest !== undefined && this.pools.size >= LIMIT) {
      this.pools.delete(oldest[0]);
      oldest[1].drain();
    }
    return this.add(name, make());
  }
}
