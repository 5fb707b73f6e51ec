// Checks every import of the project's TypeScript against the import table (scripts/layers.mjs) and the pure layers against what
// they may not mention. Every breach is printed with its place and the reason; exit code 1 if there is one.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { IMPURE, LAYERS, ON_DEMAND, PURE } from './layers.mjs';
import { imports, sourceText } from './source-text.mjs';

/** A folder of fakes and generators. */
const FOR_TESTS = /(?:^|\/)testing(?:\/|$)/;
/** Layers that are themselves there to test or to measure. */
const JUDGES = ['testkit', 'e2e', 'bench'];
const TEST_PACKAGES = ['fast-check', '@grpc/grpc-js', '@grpc/grpc-js-xds', 'yaml'];

/** @returns {string[]} one line a breach in `text`, the source of the file `file` (path relative to the root). */
export function breaches(file, text) {
  const layer = file.split('/')[0];
  const rule = LAYERS[layer];
  if (rule === undefined) return [`${file}:1: folder '${layer}' is not in scripts/layers.mjs: add it with its reason`];
  const isTest = /\.test\.(?:ts|mjs)$/.test(file) || /\/testing\//.test(file);
  const found = [];
  const say = (line, message) => found.push(`${file}:${line}: ${message}`);
  const source = sourceText(text);
  for (const { line, target } of imports(source)) {
    if (target === undefined) {
      if (!isTest && !rule.packages.includes('*')) say(line, 'a computed import: nobody can say what it reaches');
    } else if (target.startsWith('node:')) {
      const module = target.slice(5);
      if (isTest || rule.node.includes('*')) continue;
      if (module === 'module' && PURE.includes(layer) && !ON_DEMAND.test(text.split('\n')[line - 1]))
        say(line, `${layer} is pure: of node:module it may import createRequire alone, to load code on demand`);
      else if (rule.node.includes(module.split('/')[0])) continue;
      else say(line, `${layer} may not import ${target}: ${rule.why}`);
    } else if (target.startsWith('.')) {
      const reached = path.posix.normalize(path.posix.join(path.posix.dirname(file), target)).split('/')[0];
      if (reached !== layer) say(line, `relative import leaves ${layer}: import the package by name`);
      else if (/\.test\.ts$/.test(target)) say(line, 'a test file is imported by nobody');
      else if (!isTest && FOR_TESTS.test(target))
        say(line, `product code may not import ${target}: it is there for tests`);
    } else if (target.startsWith('@weft/') || target === 'weft') {
      const other = target === 'weft' ? 'apps' : target.split('/')[1];
      if (other === layer) say(line, `import a file of the own layer relatively, not as ${target}`);
      else if (!rule.layers.includes(other) && !(isTest && other === 'testkit')) {
        say(line, `${layer} may not import ${other}: ${rule.why}`);
      } else if (!isTest && FOR_TESTS.test(target) && !JUDGES.includes(layer)) {
        say(line, `product code may not import ${target}: it is there for tests`);
      }
    } else {
      const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0];
      if (rule.packages.includes('*') || rule.packages.includes(name) || (isTest && TEST_PACKAGES.includes(name)))
        continue;
      say(line, `${layer} may not import package ${name}: not in its row of scripts/layers.mjs (${rule.why})`);
    }
  }
  if (PURE.includes(layer) && !isTest) {
    source.code.split('\n').forEach((content, index) => {
      for (const [pattern, reason] of IMPURE) if (pattern.test(content)) say(index + 1, `${layer} is pure: ${reason}`);
    });
  }
  return found;
}

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = globSync(`{${Object.keys(LAYERS).join(',')}}/**/*.{ts,mts,cts,js,mjs,cjs}`, {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  });
  const found = files.sort().flatMap((file) => breaches(file, readFileSync(path.join(root, file), 'utf8')));
  for (const line of found) process.stderr.write(`${line}\n`);
  process.stdout.write(`layers: ${files.length} files, ${found.length} breaches\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
