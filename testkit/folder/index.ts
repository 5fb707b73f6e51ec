/** A folder of its own for a test, short enough for Unix sockets in it, removed at the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export function temporaryFolder(prefix = 'weft-'): { readonly path: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  return { path: folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
