/** Random ids of traces and spans as lower-case hex; randomness is drawn for many at a time and never used twice. */
import { Buffer } from 'node:buffer';
import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafeSlow(4096);
let used = pool.length;

function hex(octets: number): string {
  if (used + octets > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const start = used;
  used += octets;
  const text = pool.toString('hex', start, used);
  return /[1-9a-f]/.test(text) ? text : hex(octets);
}

export const newTraceId = (): string => hex(16);
export const newSpanId = (): string => hex(8);
