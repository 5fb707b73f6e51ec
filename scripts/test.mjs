// `npm test [-- PATTERN...]`: unit and property tests of every layer, then the whole-system tests (e2e), on the project's own Node.
// Without arguments it sets up what `npm run tools` does and is not there yet, and runs everything; a pattern is a part of a test file's
// path. Those third parties come first on PATH.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const wanted = process.argv.slice(2);
const files = globSync(
  '{core,dialects,compile,wire,envoy,proxy,agent,control,adapters,dashboard,apps,testkit,scripts,bench,e2e}/**/*.test.{ts,mjs}',
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
if (wanted.length === 0)
  spawnSync(process.execPath, [path.join(root, 'scripts', 'tools.mjs')], { cwd: root, stdio: 'inherit' });
const env = {
  ...process.env,
  PATH: [path.join(root, '.cache', 'tools', 'bin'), process.env.PATH ?? ''].join(path.delimiter),
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, '.cache', 'compile'),
};
/** A run takes 2 to 4 minutes; one that hangs must end as a failure that names what hung, which the runner does when interrupted. */
const LIMIT = 25 * 60_000;
const ran = spawnSync(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=120000', ...files], {
  cwd: root,
  stdio: 'inherit',
  env,
  timeout: LIMIT,
  killSignal: 'SIGINT',
});
if (ran.error) process.stderr.write(`test: ended after ${LIMIT / 60_000} minutes at the most: ${ran.error.message}\n`);
process.exitCode = ran.error ? 1 : (ran.status ?? 1);
