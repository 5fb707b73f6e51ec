/**
 * What every attack of the list costs (e2e/attacks, e2e/attacks-http2, the floods): CPU at most ten times that of a good request of as many octets,
 * memory at most what is stated for a connection and, in floods, for all of them together, and nothing left behind. `npm run bench -- attack-costs` prints the figures.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { AT_ONCE, attackLoads, CONNECTION_KIB, type Cost, CostMeter, ResidentPeak } from '@weft/testkit/attack-costs';
import { readAttacks, residentKib, useChain } from '@weft/testkit/attacks';
import { FLOODS, readMessageAttacks } from '@weft/testkit/attacks-http2';

const MOST_CPU = 10;
/** KiB beside what connections hold: garbage that is not collected yet. */
const GARBAGE = 32 * 1024;
/** KiB, after all floods once more: what the collector has not given back. */
const MOST_LEFT = 64 * 1024;

const loads = attackLoads(
  globSync('attacks/*.yaml', { cwd: import.meta.dirname })
    .sort()
    .flatMap((file) => readAttacks(path.join(import.meta.dirname, file))),
  readMessageAttacks(path.join(import.meta.dirname, 'attacks-http2/messages.yaml')),
);
const chain = useChain(1);

const isDear = ({ cpu, good, memory }: Cost): boolean => cpu > MOST_CPU * good || memory > CONNECTION_KIB;

// Some hundred loads, one after the other: the bound of all other tests would be short on a busy machine.
test('no attack costs more than ten good requests of as many octets, nor more memory than is stated', {
  timeout: 400_000,
}, async () => {
  const pid = chain().engines[0]?.pid ?? 0;
  const meter = new CostMeter(chain());
  await meter.warmUp();
  const faults: string[] = [];
  for (const load of loads) {
    let cost = await meter.measure(load, 1);
    // One round on a busy machine proves nothing: what is dear is so again.
    for (let turn = 0; turn < 3 && isDear(cost); turn += 1) cost = await meter.measure(load, 2);
    if (isDear(cost))
      faults.push(
        `${load.row}: ${load.name}: ${cost.cpu.toFixed(0)} us, a good one ${cost.good.toFixed(0)} us; ${cost.memory.toFixed(0)} KiB`,
      );
  }
  assert.deepEqual(faults, []);
  const resident = residentKib(pid);
  for (const load of loads.slice(-FLOODS.length)) {
    const peak = new ResidentPeak(pid);
    await Promise.all(Array.from({ length: AT_ONCE }, () => load.attack(chain())));
    const more = peak.most - resident;
    assert.ok(more < AT_ONCE * CONNECTION_KIB + GARBAGE, `${load.name}: ${more} KiB more in all, while it went on`);
  }
  const left = residentKib(pid) - resident;
  assert.ok(left < MOST_LEFT, `${left} KiB more afterwards`);
  assert.equal(chain().engines[0]?.exit, undefined);
});
