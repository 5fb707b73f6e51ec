// Entry of a worker thread of the engine, with the compile cache of the command line.
import { enableCompileCache } from 'node:module';
import os from 'node:os';
import path from 'node:path';

enableCompileCache(
  process.env.NODE_COMPILE_CACHE ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'weft', 'compile'),
);
await import('@weft/proxy/workers/entry');
const { releaseStartMemory } = await import('../engine/release-start-memory.ts');
setTimeout(releaseStartMemory, 1000).unref();
