/**
 * A full collection on demand. An engine that refuses everything makes no garbage and so never collects what its load left behind: without this the
 * pressure of memory would stay. It stops the thread for 20 to 60 ms and must never be called in a loop.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collector: ((options: object) => void) | undefined;

export function collectGarbage(): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    if (typeof found !== 'function') return;
    collector = found as (options: object) => void;
  }
  collector({ type: 'major', execution: 'sync' });
}
