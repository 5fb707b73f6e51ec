// Part of `npm run check`: whatever a module of the product reaches by a path of its own must be known to the build, whether a build is made or not.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAYERS } from '../layers.mjs';
import { pointed, REPLACED } from './reached-by-path.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** Layers that are not in the package. */
const OUTSIDE = ['testkit', 'e2e', 'bench', 'examples'];
const layers = Object.keys(LAYERS).filter((layer) => !OUTSIDE.includes(layer));
const files = globSync(`{${layers.join(',')}}/**/*.{ts,mjs}`, { cwd: root, exclude: (name) => name === 'node_modules' })
  .filter(
    (file) => !/\.test\.(?:ts|mjs)$|\/testing\/|^dashboard\/browser\//.test(file) && !Object.hasOwn(REPLACED, file),
  )
  .sort();
const problems = files.flatMap((file) => pointed(file, readFileSync(path.join(root, file), 'utf8')).problems);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`build paths: ${files.length} files, ${problems.length} that the build does not know\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
