/**
 * Gives back what a start leaves behind: the bootstrap's syntax tree, the modules' set-up. Without it an idle process keeps that garbage, a
 * third of its memory with 100 clusters, until traffic makes V8 collect (figures in docs/performance.md). It must never be called in
 * a loop: one collection stops the process for 20 to 60 ms.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** ms after readiness: late enough not to be part of the start, early enough for few requests to wait. */
const DELAY = 200;

/** Collects once, soon; does not keep the process alive. */
export function releaseStartMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') return;
  setTimeout(() => void collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }), DELAY).unref();
}
