// `npm run generate`: writes every generated file of the project again; with --check says which ones differ from what is committed.
// A generator is a module with `outputs(): Promise<Map<path, text>> | Map<path, text>`; the list is explicit.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const GENERATORS = [
  'scripts/generators/reference.mjs',
  'scripts/generators/finding-codes.mjs',
  'scripts/generators/strictness.mjs',
  'scripts/generators/envoy-fields.mjs',
  'scripts/generators/behaviours.mjs',
  'scripts/generators/gateway-api-features.mjs',
  'scripts/generators/grafana.mjs',
];

const check = process.argv.includes('--check');
let drifted = 0;
let total = 0;
for (const file of GENERATORS) {
  const generator = await import(path.join(root, file));
  for (const [target, text] of await generator.outputs()) {
    total += 1;
    const absolute = path.join(root, target);
    const before = existsSync(absolute) ? readFileSync(absolute, 'utf8') : undefined;
    if (before === text) continue;
    drifted += 1;
    if (check) process.stderr.write(`${target}: differs from what ${file} makes: run \`npm run generate\`\n`);
    else {
      mkdirSync(path.dirname(absolute), { recursive: true });
      writeFileSync(absolute, text);
    }
  }
}
process.stdout.write(`generate: ${total} files, ${drifted} ${check ? 'drifted' : 'written'}\n`);
if (check && drifted > 0) process.exitCode = 1;
