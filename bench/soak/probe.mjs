// Loaded into each weft process of a soak (NODE_OPTIONS --import): every 10 s it writes what only the process itself can count to
// SOAK_PROBE/PID: the heap after a full collection, timers that are set, and active resources. It may not stop the process for long:
// v8.queryObjects, which would count live objects, takes half a second and more.
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';

const folder = process.env.SOAK_PROBE;
if (folder !== undefined && (process.argv[2] === 'run' || process.argv[2] === 'up')) {
  const file = path.join(folder, String(process.pid));
  const timers = new Set();
  for (const name of ['setTimeout', 'setInterval']) {
    const set = globalThis[name];
    globalThis[name] = Object.assign((...args) => {
      const timer = set(...args);
      timers.add(timer);
      return timer;
    }, set);
  }
  const prune = setInterval(() => {
    for (const timer of timers) if (timer._destroyed) timers.delete(timer);
  }, 1000);
  v8.setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const write = setInterval(() => {
    const began = performance.now();
    collect();
    const took = performance.now() - began;
    const resources = process.getActiveResourcesInfo().length;
    const set = [...timers].filter((timer) => !timer._destroyed).length;
    writeFileSync(
      `${file}.new`,
      JSON.stringify({ heap: process.memoryUsage().heapUsed, timers: set, resources, took }),
    );
    renameSync(`${file}.new`, file);
  }, 10_000);
  prune.unref();
  write.unref();
}
