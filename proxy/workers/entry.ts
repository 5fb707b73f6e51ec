/** Where a worker thread begins. */
import { parentPort } from 'node:worker_threads';
import { serveWorker } from './worker.ts';

if (parentPort !== null) serveWorker(parentPort);
