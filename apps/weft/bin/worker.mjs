// Entry of a worker thread of the engine, with the compile cache of the command line.
import { enableCompileCache } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parentPort } from 'node:worker_threads';

enableCompileCache(
  process.env.NODE_COMPILE_CACHE ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'weft', 'compile'),
);
const { serveWorker } = await import('@weft/proxy/workers/worker');
const { serviceMessages } = await import('../engine/service-messages.ts');
if (parentPort !== null) serveWorker(parentPort, serviceMessages);
const { releaseStartMemory } = await import('../engine/release-start-memory.ts');
setTimeout(releaseStartMemory, 1000).unref();
