/** The attack list on the wire (e2e/attacks/*.yaml): each probe on a fresh and a reused connection, through one engine and through two. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Connection, judgeProbe, readAttacks, useChain } from '@weft/testkit/attacks';

const attacks = globSync('attacks/*.yaml', { cwd: import.meta.dirname })
  .sort()
  .flatMap((file) => readAttacks(path.join(import.meta.dirname, file)))
  .sort((a, b) => a.row - b.row);
const CONNECTIONS: readonly Connection[] = ['fresh', 'reused'];

for (const hops of [1, 2]) {
  describe(`attacks through ${hops === 1 ? 'one engine' : 'two engines'}`, () => {
    const chain = useChain(hops);

    for (const { row, title, probes } of attacks) {
      test(`${row}: ${title}`, async () => {
        const faults: string[] = [];
        for (const probe of probes) {
          for (const connection of CONNECTIONS) {
            const said = await judgeProbe(probe, chain(), connection);
            faults.push(...said.map((text) => `${probe.name} (${connection}): ${text}`));
          }
        }
        assert.deepEqual(faults, []);
      });
    }
  });
}
