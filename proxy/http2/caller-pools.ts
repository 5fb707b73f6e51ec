/**
 * Pools of an endpoint whose connections name their caller in a PROXY header: one for each downstream connection, so that no exchange travels
 * under another caller's address. A pool ends with its downstream connection. The engine's own calls have a pool too, which names nobody.
 */
import type { DownstreamConnection, EndpointPool } from '../ports.ts';
import { PoolSet } from './pool-set.ts';

/** No number of a downstream connection. */
const NOBODY = 0;

export class CallerPools extends PoolSet<number> {
  /** The pool of `downstream`, made by `make` on first use; undefined: of the engine itself. */
  of(downstream: DownstreamConnection | undefined, make: () => EndpointPool): EndpointPool {
    const id = downstream?.id ?? NOBODY;
    const known = this.pools.get(id);
    if (known !== undefined) return known;
    const pool = this.add(id, make());
    downstream?.socket.once('close', () => {
      this.pools.delete(id);
      pool.destroy();
    });
    return pool;
  }
}
