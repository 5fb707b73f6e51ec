/** A thread that takes from a shared bucket, all at one moment of its clock, as soon as all its fellows are there; says how many tokens it got. */
import { parentPort, workerData } from 'node:worker_threads';
import { SharedTokenBucket } from '../shared-bucket.ts';

export interface Taking {
  readonly memory: SharedArrayBuffer;
  readonly start: SharedArrayBuffer;
  readonly fellows: number;
  readonly tokens: number;
  readonly tries: number;
}

const { memory, start, fellows, tokens, tries } = workerData as Taking;
const row = { maxTokens: tokens, tokensPerFill: 1, fillInterval: 1 };
const bucket = new SharedTokenBucket(row, { cells: new BigInt64Array(memory), shift: 0 }, 0);
const there = new Int32Array(start);
Atomics.add(there, 0, 1);
Atomics.notify(there, 0);
for (let seen = Atomics.load(there, 0); seen < fellows; seen = Atomics.load(there, 0))
  Atomics.wait(there, 0, seen, 5000);
let got = 0;
for (let tried = 0; tried < tries; tried += 1) if (bucket.take(1_048_576)) got += 1;
parentPort?.postMessage(got);
