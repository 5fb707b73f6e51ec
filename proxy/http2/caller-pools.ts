/**
 * Pools of an endpoint whose connections name their caller in a PROXY header: one for each downstream connection, so that no exchange travels
 * under another caller's address. A pool ends with its downstream connection. The engine's own calls have a pool too, which names nobody.
 */
import type { DownstreamConnection, EndpointPool } from '../ports.ts';

/** No number of a downstream connection. */
const NOBODY = 0;

export class CallerPools implements EndpointPool {
  readonly #pools = new Map<number, EndpointPool>();
  #draining = false;

  /** The pool of `downstream`, made by `make` on first use; undefined: of the engine itself. */
  of(downstream: DownstreamConnection | undefined, make: () => EndpointPool): EndpointPool {
    const id = downstream?.id ?? NOBODY;
    const known = this.#pools.get(id);
    if (known !== undefined) return known;
    const pool = make();
    this.#pools.set(id, pool);
    if (this.#draining) pool.drain();
    downstream?.socket.once('close', () => {
      this.#pools.delete(id);
      pool.destroy();
    });
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
