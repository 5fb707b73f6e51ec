// `npm run build [-- --out FOLDER]`: the published package, in dist/weft unless said: plain JavaScript in few files, which start in a third of the time that the checkout takes.
// The same checkout always gives the same octets. What the build does not understand ends it with its place; the folder is then as it was.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './build/bundle.mjs';
import { packageFiles } from './build/package.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: path.join(root, 'dist', 'weft') } } });
const target = path.resolve(values.out);

const started = performance.now();
const made = await bundle(root);
for (const problem of made.problems) process.stderr.write(`build: ${problem}\n`);
if (made.problems.length > 0) process.exit(1);

const files = await packageFiles(root, made);
// Whoever runs the package meanwhile has the old one or the new one.
const beside = `${target}.${process.pid}`;
for (const [name, { text, program }] of files) {
  const file = path.join(beside, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: program ? 0o755 : 0o644 });
}
rmSync(target, { recursive: true, force: true });
renameSync(beside, target);
const octets = [...files.values()].reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
process.stdout.write(
  `build: ${path.relative(process.cwd(), target)}: ${made.files.size} files of code, ${(octets / 1e6).toFixed(1)} MB in all, ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
);
