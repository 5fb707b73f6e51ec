/**
 * The process that the kill test kills: writes to the store in argv[2] without end and says on standard output what was acknowledged,
 * one line each, `slot counter revision`, after `opening` and `ready`. Each write changes two objects of its slot alike.
 */
import { writeSync } from 'node:fs';
import { sqliteStore } from '../sqlite/index.ts';
import { put, sampleKey } from './contract.ts';

const SLOTS = 8;
const [folder = ''] = process.argv.slice(2);
writeSync(1, 'opening\n');
const store = sqliteStore({ folder });
const started = await store.start();
if (!started.ok) throw new Error(started.error.message);
writeSync(1, 'ready\n');

async function fill(slot: number): Promise<never> {
  const there = await store.get(sampleKey(`a${slot}`));
  for (let counter = Number((there?.spec as { counter?: number } | undefined)?.counter ?? 0) + 1; ; counter += 1) {
    const spec = { counter, padding: 'p'.repeat((counter * 397) % 6000) };
    const written = await store.write('writer', [put(`a${slot}`, spec), put(`b${slot}`, spec)]);
    if (!written.ok) throw new Error(written.error.message);
    writeSync(1, `${slot} ${counter} ${written.value[1]?.metadata.resourceVersion}\n`);
    if (slot === 0 && counter % 16 === 0) await store.compact(1e12, 300);
  }
}

await Promise.all(Array.from({ length: SLOTS }, (_, slot) => fill(slot)));
