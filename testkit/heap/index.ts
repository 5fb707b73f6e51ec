/** How much memory something takes, by what is alive after a collection. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Octets: the heap of this thread, and what objects of it hold outside. */
function alive(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/**
 * Octets that what `make` makes takes after `fill` filled it. Both are called twice: at first for code and caches that they need, whose memory is
 * not asked for.
 */
export function octetsAlive<T>(make: () => T, fill: (made: T) => void): { readonly octets: number; readonly made: T } {
  const filled = (): T => {
    const made = make();
    fill(made);
    return made;
  };
  // In a frame of its own, which holds nothing once it is left.
  const tried = (): void => void filled();
  tried();
  const before = alive();
  const made = filled();
  return { octets: alive() - before, made };
}
