/** Pools of one endpoint that are kept apart by a key, as one pool: counted, drained and ended together. */
import type { EndpointPool, PoolLoad } from '../ports.ts';
import { sumOfLoads } from '../upstream/preconnect.ts';

export abstract class PoolSet<Key> implements EndpointPool {
  protected readonly pools = new Map<Key, EndpointPool>();
  #draining = false;

  /** A pool made while the set drains drains too. */
  protected add(key: Key, pool: EndpointPool): EndpointPool {
    this.pools.set(key, pool);
    if (this.#draining) pool.drain();
    return pool;
  }

  get connections(): number {
    let sum = 0;
    for (const pool of this.pools.values()) sum += pool.connections;
    return sum;
  }

  get load(): PoolLoad {
    return sumOfLoads(this.pools.values());
  }

  drain(): void {
    this.#draining = true;
    for (const pool of this.pools.values()) pool.drain();
  }

  destroy(): void {
    for (const pool of this.pools.values()) pool.destroy();
    this.pools.clear();
  }
}
