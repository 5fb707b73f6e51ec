/** The dashboard's files in the published build, which has them in a folder as a browser takes them: `browser-files.ts` made them. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../browser/', import.meta.url);

export const browserFiles = (): ReadonlyMap<string, string> =>
  new Map(
    globSync('**/*.*', { cwd: fileURLToPath(FOLDER) }).map((file) => [
      file,
      readFileSync(new URL(file, FOLDER), 'utf8'),
    ]),
  );
