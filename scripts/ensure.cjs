// Set-up on first use: installs the locked packages (and with them Node 24) when they are absent or outdated.
// Must run on any Node >= 18, so: plain CommonJS, built-in modules only. Never called by anything but package.json's pre-scripts and .ci/run.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const lock = path.join(root, 'package-lock.json');
const stamp = path.join(root, 'node_modules', '.weft-lock.json');

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
  fs.copyFileSync(lock, stamp);
}

const node = path.join(root, 'node_modules', '.bin', 'node');
const major = Number(process.versions.node.split('.')[0]);
if (!fs.existsSync(node) && major < 24) {
  process.stderr.write(
    `weft: needs Node >= 24; no packaged Node exists for ${process.platform}-${process.arch} and this one is ${process.version}. Install Node 24 and run again.\n`,
  );
  process.exit(1);
}
