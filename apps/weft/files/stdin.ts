/** Standard input to its end. A pipe that another process made non-blocking answers EAGAIN while its writer is slower than we: that is no end. */
import { readSync } from 'node:fs';

const CHUNK_BYTES = 65_536;

/** ms between looks at a pipe that has nothing yet. */
const PAUSE = 5;

export function readStdin(): string {
  const chunks: Buffer[] = [];
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = readOnce(chunk);
    if (count === 0) return Buffer.concat(chunks).toString('utf8');
    if (count === undefined) Atomics.wait(sleeper, 0, 0, PAUSE);
    else chunks.push(chunk.subarray(0, count));
  }
}

/** undefined: nothing is there yet. */
function readOnce(chunk: Buffer): number | undefined {
  try {
    return readSync(0, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
