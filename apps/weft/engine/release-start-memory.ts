/**
 * Gives back what a start leaves behind: the bootstrap's syntax tree, the modules' set-up. Without it an idle process keeps that garbage, a
 * third of its memory with 100 clusters, until traffic makes V8 collect (figures in docs/performance.md). It must never be called in
 * a loop: one collection stops the process for 20 to 60 ms. Keeps what the start compiled for the next one as well: Node does that when a
 * process ends, which one that is killed never does, and the start after it would take twice as long.
 */
import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** ms after readiness: late enough not to be part of the start, early enough for few requests to wait. */
const DELAY = 200;

/** Collects once, soon; does not keep the process alive. */
export function releaseStartMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setTimeout(() => {
    // 2 ms when nothing is new.
    flushCompileCache();
    if (typeof collect === 'function') void collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }, DELAY).unref();
}
