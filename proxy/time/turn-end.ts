/**
 * The end of a turn: when all that had arrived is read, or MOST_READS reads later, whichever comes first. The loop reads everything that is readable
 * before it comes to what waits (libuv: up to 48 times 1,024 sockets), so that without a bound the answers of a few clients would wait for the octets
 * of thousands of others. One of each thread.
 */

/** About 2 ms; more than most turns have. Batches of that size gain what batches can. */
export const MOST_READS = 64;

let waiting: (() => void)[] = [];
let reads = 0;
let scheduled = false;

/** Once, never at once. */
export function whenTurnEnds(work: () => void): void {
  if (waiting.length === 0) reads = 0;
  waiting.push(work);
  if (scheduled) return;
  scheduled = true;
  setImmediate(atEnd);
}

/** What one read brought is worked off. */
export function readWorkedOff(): void {
  if (waiting.length === 0) return;
  reads += 1;
  if (reads >= MOST_READS) run();
}

function atEnd(): void {
  scheduled = false;
  run();
}

function run(): void {
  const now = waiting;
  waiting = [];
  for (const work of now) work();
}
