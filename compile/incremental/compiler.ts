/** Compiles the proxies of one mesh, view after view; what did not change is the same object as before. */
import type { MeshView, Proxy } from '@weft/core/mesh-view';
import { proxyConfigOf, type Compiled } from '../queries/index.ts';
import { QueryEngine } from './engine.ts';

export class Compiler {
  readonly #engine = new QueryEngine();

  /** The view to compile from. Cheap: nothing is computed until it is asked for. */
  update(view: MeshView): void {
    this.#engine.advance(view);
  }

  /** Keep the `Proxy` object while it does not change: its key is remembered by identity. */
  compile(proxy: Proxy): Compiled {
    return this.#engine.run(proxyConfigOf, proxy);
  }

  /** Forgets what no proxy compiled since the last `update` needed. Call it after compiling all of them. */
  sweep(): void {
    this.#engine.sweep();
  }

  /** Recomputations since the start, by query. */
  get computed(): ReadonlyMap<string, number> {
    return this.#engine.computed;
  }

  /** Results held. */
  get size(): number {
    return this.#engine.size;
  }
}

/** One proxy from scratch. */
export function compile(view: MeshView, proxy: Proxy): Compiled {
  const compiler = new Compiler();
  compiler.update(view);
  return compiler.compile(proxy);
}
