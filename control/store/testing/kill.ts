/**
 * Kills a writing process again and again and judges what it leaves: every acknowledged write is there, no write is there by half, the
 * store opens. The kill falls where it falls: while the file is opened, between writes, in a transaction, in a compaction.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sqliteStore } from '../sqlite/index.ts';
import { sampleKey } from './contract.ts';

export interface KillReport {
  readonly rounds: number;
  /** Writes that were answered before a kill. */
  readonly acknowledged: number;
  /** Writes found that had not been answered when the kill came. */
  readonly unanswered: number;
  /** ms of the slowest reopening. */
  readonly slowestOpen: number;
}

interface Acknowledged {
  readonly counter: number;
  readonly revision: number;
}

/** `pick(n)` chooses a whole number below n: where in its writing a process is killed. Throws an AssertionError at the first loss. */
export async function killRounds(folder: string, rounds: number, pick: (n: number) => number): Promise<KillReport> {
  const known = new Map<number, Acknowledged>();
  let acknowledged = 0;
  let unanswered = 0;
  let slowestOpen = 0;
  for (let round = 0; round < rounds; round += 1) {
    acknowledged += await runAndKill(folder, round % 8 === 7 ? 0 : 1 + pick(300), known);
    const began = performance.now();
    const store = sqliteStore({ folder });
    const started = await store.start();
    assert.ok(started.ok, `round ${round}: ${JSON.stringify(started)}`);
    slowestOpen = Math.max(slowestOpen, performance.now() - began);
    for (const [slot, { counter, revision }] of known) {
      const [a, b] = await Promise.all([store.get(sampleKey(`a${slot}`)), store.get(sampleKey(`b${slot}`))]);
      assert.deepEqual(a?.spec, b?.spec, `round ${round}: slot ${slot} is there by half`);
      const found = (b?.spec as { counter: number } | undefined)?.counter ?? 0;
      assert.ok(found >= counter, `round ${round}: slot ${slot}: ${counter} was acknowledged, ${found} found`);
      if (found === counter) assert.equal(Number(b?.metadata.resourceVersion), revision);
      assert.ok(store.revision() >= revision, `round ${round}: revision went back`);
      for (const [name, object] of [
        [`a${slot}`, a],
        [`b${slot}`, b],
      ] as const) {
        const last = (await store.history(sampleKey(name))).at(-1);
        if (last !== undefined) assert.deepEqual(last.after, object, `round ${round}: log and object differ`);
      }
      if (found > counter) unanswered += found - counter;
      known.set(slot, { counter: found, revision: Number(b?.metadata.resourceVersion) });
    }
    await store.stop();
  }
  return { rounds, acknowledged, unanswered, slowestOpen };
}

/** Kills after `count` acknowledged writes, 0: while it opens the store. The number of writes acknowledged before its end. */
async function runAndKill(folder: string, count: number, known: Map<number, Acknowledged>): Promise<number> {
  const script = fileURLToPath(new URL('writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [slot, counter, revision] = line.split(' ').map(Number);
    if (revision === undefined) {
      if (line === 'opening' && count === 0) child.kill('SIGKILL');
      continue;
    }
    known.set(slot ?? 0, { counter: counter ?? 0, revision });
    seen += 1;
    if (seen === count) child.kill('SIGKILL');
  }
  await exited;
  assert.equal(child.signalCode, 'SIGKILL', `the writer ended by itself: ${complaint}`);
  return seen;
}
