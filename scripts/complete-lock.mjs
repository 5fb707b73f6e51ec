// Completes package-lock.json after `npm install`, run by `npm run lock`: a registry that does not serve a platform sibling makes npm leave it out, and
// `npm ci` on another machine then refuses the lock; and npm skips a platform's package silently when the Node that installs is too old for it.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
let added = 0;
const os = { linux: 'linux', darwin: 'darwin', win32: 'win32', windows: 'win32', freebsd: 'freebsd' };
const cpu = ['x64', 'arm64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64'];
for (const pkg of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(pkg.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] !== undefined) continue;
    const words = name.split(/[-/]/);
    const entry = { version, optional: true };
    const system = words.find((word) => word in os);
    const arch = words.find((word) => cpu.includes(word));
    if (system) entry.os = [os[system]];
    if (arch) entry.cpu = [arch];
    lock.packages[key] = entry;
    added += 1;
  }
}
// What runs these packages is the packaged Node 24, whatever Node installs them.
for (const pkg of Object.values(lock.packages)) if (pkg.optional === true) delete pkg.engines;
// The address an entry was fetched from is the machine's business, not the project's.
for (const pkg of Object.values(lock.packages)) if (pkg.resolved?.startsWith('http')) delete pkg.resolved;
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`complete-lock: ${added} platform entries added\n`);
