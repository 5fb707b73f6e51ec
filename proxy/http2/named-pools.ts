/**
 * Pools of an endpoint by the host that requests are for (UpstreamHttpProtocolOptions): a connection was verified for one name and carries
 * requests for no other. Callers choose the names, so their number is bounded: the oldest pool drains and goes.
 */
import type { EndpointPool } from '../ports.ts';

const LIMIT = 100;

export class NamedPools implements EndpointPool {
  readonly #pools = new Map<string, EndpointPool>();
  #draining = false;

  /** The pool of that name, made by `make` on first use. */
  of(name: string, make: () => EndpointPool): EndpointPool {
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#pools;
    if (oldest !== undefined && this.#pools.size >= LIMIT) {
      this.#pools.delete(oldest[0]);
      oldest[1].drain();
    }
    const pool = make();
    this.#pools.set(name, pool);
    if (this.#draining) pool.drain();
    return pool;
  }

  get connections(): number {
    let sum = 0;
    for (const pool of this.#pools.values()) sum += pool.connections;
    return sum;
  }

  drain(): void {
    this.#draining = true;
    for (const pool of this.#pools.values()) pool.drain();
  }

  destroy(): void {
    for (const pool of this.#pools.values()) pool.destroy();
    this.#pools.clear();
  }
}
