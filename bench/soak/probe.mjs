// Loaded into each weft process of a soak (NODE_OPTIONS --import): every 10 s it writes what only the process itself can count to
// SOAK_PROBE/PID: the heap after a full collection, and the live objects of timers and sockets (v8.queryObjects collects first).
import { Socket } from 'node:net';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';

const folder = process.env.SOAK_PROBE;
if (folder !== undefined && (process.argv[2] === 'run' || process.argv[2] === 'up')) {
  const file = path.join(folder, String(process.pid));
  const mine = setInterval(() => {
    const timers = v8.queryObjects(mine.constructor);
    const sockets = v8.queryObjects(Socket);
    writeFileSync(`${file}.new`, JSON.stringify({ heap: process.memoryUsage().heapUsed, timers, sockets }));
    renameSync(`${file}.new`, file);
  }, 10_000);
  mine.unref();
}
