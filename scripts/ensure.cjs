// `node scripts/ensure.cjs [FILE ARG...]`: set-up on first use, then FILE on the project's own Node 24. Installs the locked packages (and
// with them Node 24) when they are absent or outdated. Must run on any Node >= 18, so: plain CommonJS, built-in modules only. Every npm script
// goes through it instead of through pre-scripts, which a user's `ignore-scripts` would switch off.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const lock = path.join(root, 'package-lock.json');
const stamp = path.join(root, 'node_modules', '.weft-lock.json');

const packaged = path.join(root, 'node_modules', '.bin', 'node');

/** npm 8.6 (Node 18.0) unpacks the packaged Node and makes no link to it. */
function linkNode() {
  if (fs.existsSync(packaged)) return;
  const names = Object.keys(JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).optionalDependencies);
  const found = names.find((name) => fs.existsSync(path.join(root, 'node_modules', name, 'bin', 'node')));
  if (found !== undefined) fs.symlinkSync(path.join('..', found, 'bin', 'node'), packaged);
}

const read = (file) => {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

if (read(lock) !== read(stamp)) {
  process.stderr.write('weft: installing the locked packages (once)\n');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const ran = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (ran.status !== 0) process.exit(ran.status || 1);
  linkNode();
  fs.copyFileSync(lock, stamp);
}

const major = Number(process.versions.node.split('.')[0]);
if (!fs.existsSync(packaged) && major < 24) {
  process.stderr.write(
    `weft: needs Node >= 24; no packaged Node exists for ${process.platform}-${process.arch} and this one is ${process.version}. Install Node 24 and run again.\n`,
  );
  process.exit(1);
}

const args = process.argv.slice(2);
if (args.length > 0) {
  const bin = path.dirname(packaged);
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH || ''}` };
  const node = fs.existsSync(packaged) ? packaged : process.execPath;
  const child = spawn(node, args, { cwd: root, stdio: 'inherit', env });
  // The terminal sends INT to the child itself.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
}
