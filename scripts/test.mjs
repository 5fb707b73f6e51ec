// `npm test [-- PATTERN...]`: unit and property tests of every layer, then the whole-system tests (e2e), on the project's own Node.
// Without arguments it runs everything; a pattern is a part of a test file's path.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const wanted = process.argv.slice(2);
const files = globSync(
  '{core,dialects,compile,wire,envoy,proxy,agent,control,adapters,apps,testkit,scripts,bench,e2e}/**/*.test.{ts,mjs}',
  {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  },
)
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort((a, b) => Number(a.startsWith('e2e')) - Number(b.startsWith('e2e')) || (a < b ? -1 : 1));
if (files.length === 0) {
  process.stderr.write(`test: no test file matches ${wanted.join(' ')}\n`);
  process.exit(1);
}
const env = {
  ...process.env,
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, '.cache', 'compile'),
};
const ran = spawnSync(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=120000', ...files], {
  cwd: root,
  stdio: 'inherit',
  env,
});
process.exitCode = ran.status ?? 1;
