// Checks every import of the project's TypeScript against the import table (scripts/layers.mjs) and the pure layers against what
// they may not mention. Every breach is printed with its place and the reason; exit code 1 if there is one.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { IMPURE, LAYERS, PURE } from './layers.mjs';

const TEST_PACKAGES = ['fast-check', '@grpc/grpc-js', '@grpc/grpc-js-xds', 'yaml'];

/** @returns {string[]} one line a breach in `text`, the source of the file `file` (path relative to the root). */
export function breaches(file, text) {
  const layer = file.split('/')[0];
  const rule = LAYERS[layer];
  if (rule === undefined) return [`${file}:1: folder '${layer}' is not in scripts/layers.mjs: add it with its reason`];
  const isTest = /\.test\.ts$/.test(file) || /\/testing\//.test(file);
  const found = [];
  const lines = text.split('\n');
  const say = (line, message) => found.push(`${file}:${line}: ${message}`);
  const specifier =
    /(?:^\s*(?:import|export)\b[^'"]*?\bfrom\s*|^\s*import\s*|\bimport\s*\(\s*|^\}\s*from\s*)(['"])([^'"]+)\1/;
  lines.forEach((content, index) => {
    const match = specifier.exec(content);
    if (match === null) return;
    const target = match[2];
    const line = index + 1;
    if (target.startsWith('node:')) {
      const module = target.slice(5);
      if (isTest || rule.node.includes('*') || rule.node.includes(module.split('/')[0])) return;
      say(line, `${layer} may not import ${target}: ${rule.why}`);
    } else if (target.startsWith('.')) {
      const reached = path.posix.normalize(path.posix.join(path.posix.dirname(file), target)).split('/')[0];
      if (reached !== layer) say(line, `relative import leaves ${layer}: import the package by name`);
      else if (/\.test\.ts$/.test(target)) say(line, 'a test file is imported by nobody');
    } else if (target.startsWith('@weft/') || target === 'weft') {
      const other = target === 'weft' ? 'apps' : target.split('/')[1];
      if (other === layer) say(line, `import a file of the own layer relatively, not as ${target}`);
      else if (!rule.layers.includes(other) && !(isTest && other === 'testkit')) {
        say(line, `${layer} may not import ${other}: ${rule.why}`);
      }
    } else {
      const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0];
      if (rule.packages.includes('*') || rule.packages.includes(name) || (isTest && TEST_PACKAGES.includes(name)))
        return;
      say(line, `${layer} may not import package ${name}: not in its row of scripts/layers.mjs (${rule.why})`);
    }
  });
  if (PURE.includes(layer) && !isTest) {
    lines.forEach((content, index) => {
      const code = content.replace(/\/\/.*$|^\s*\*.*$|^\s*\/\*.*$/, '').replace(/(['"`])(?:\\.|(?!\1).)*\1/g, "''");
      for (const [pattern, reason] of IMPURE) if (pattern.test(code)) say(index + 1, `${layer} is pure: ${reason}`);
    });
  }
  return found;
}

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = globSync(`{${Object.keys(LAYERS).join(',')}}/**/*.ts`, {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  });
  const found = files.sort().flatMap((file) => breaches(file, readFileSync(path.join(root, file), 'utf8')));
  for (const line of found) process.stderr.write(`${line}\n`);
  process.stdout.write(`layers: ${files.length} files, ${found.length} breaches\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
