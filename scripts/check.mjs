// `npm run check`: format, type-aware lint, types, import table, paths that the build knows, drift of generated files. Runs all of them, says which failed.
import { spawnSync } from 'node:child_process';

const node = process.execPath;
const steps = [
  ['format', 'biome', ['format', '.']],
  ['lint', 'oxlint', ['--type-aware', '--quiet']],
  ['types', 'tsc', ['-p', '.']],
  ['types in the browser', 'tsc', ['-p', 'dashboard/browser']],
  ['layers', node, ['scripts/check-layers.mjs']],
  ['build paths', node, ['scripts/build/check.mjs']],
  ['drift', node, ['scripts/generate.mjs', '--check']],
];
const failed = [];
for (const [name, command, args] of steps) {
  const started = process.hrtime.bigint();
  const ran = spawnSync(command, args, { stdio: 'inherit' });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  process.stdout.write(`check ${name}: ${ran.status === 0 ? 'ok' : 'FAILED'} (${seconds.toFixed(1)} s)\n`);
  if (ran.status !== 0) failed.push(name);
}
if (failed.length > 0) {
  process.stderr.write(`check: failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
