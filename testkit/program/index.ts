/** The `weft` under test: the checkout's, or the program that WEFT_PROGRAM names, as `dist/weft/bin/weft` for the published build. */
import path from 'node:path';

const CHECKOUT = path.resolve(import.meta.dirname, '../../apps/weft/bin/weft');

/** Its absolute path. Read at each call: a benchmark sets it after it has built the program. */
export function weftProgram(): string {
  const other = process.env['WEFT_PROGRAM'] ?? '';
  return other === '' ? CHECKOUT : path.resolve(other);
}
