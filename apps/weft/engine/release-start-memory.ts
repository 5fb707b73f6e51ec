/**
 * What a start must not leave behind. Its loops (reading a bootstrap, building tables) are hot enough that V8 optimises them, for a second that never
 * comes again: its last compiler takes 25 ms of CPU and 6 to 10 MB that stay. Until readiness it is therefore left out, whoever calls
 * `spareStartMemory` calls `releaseStartMemory` too. That one gives back the bootstrap's syntax tree and the modules' set-up: without it an idle process keeps
 * that garbage, a third of its memory with 100 clusters, until traffic makes V8 collect (figures in docs/performance.md). It must never be called in
 * a loop: one collection stops the process for 20 to 60 ms. Keeps what the start compiled for the next one as well: Node does that when a
 * process ends, which one that is killed never does, and the start after it would take twice as long.
 */
import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** ms after readiness: late enough not to be part of the start, early enough for few requests to wait. */
const DELAY = 200;

/** V8's own limit: octets of a function's byte code above which its last compiler leaves it alone. */
const OPTIMIZED_SIZE = 61_440;

/** From now on nothing is optimised by V8's last compiler; the ones before it work as ever. */
export const spareStartMemory = (): void => setFlagsFromString('--max-optimized-bytecode-size=1');

/** Optimises again and collects once, soon; does not keep the process alive. */
export function releaseStartMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setTimeout(() => {
    // 2 ms when nothing is new.
    flushCompileCache();
    setFlagsFromString(`--max-optimized-bytecode-size=${OPTIMIZED_SIZE}`);
    if (typeof collect === 'function') void collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }, DELAY).unref();
}
