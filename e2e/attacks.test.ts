/** The attack list on the wire (e2e/attacks/*.yaml): each probe on a fresh and a reused connection, through one engine and through two. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Chain, type Connection, judgeProbe, readAttacks, startChain } from '@weft/testkit/attacks';
import { temporaryFolder } from '@weft/testkit/folder';

const attacks = globSync('attacks/*.yaml', { cwd: import.meta.dirname })
  .sort()
  .flatMap((file) => readAttacks(path.join(import.meta.dirname, file)))
  .sort((a, b) => a.row - b.row);
const CONNECTIONS: readonly Connection[] = ['fresh', 'reused'];

for (const hops of [1, 2]) {
  describe(`attacks through ${hops === 1 ? 'one engine' : 'two engines'}`, () => {
    const folder = temporaryFolder();
    let chain: Chain | undefined;
    before(async () => {
      chain = await startChain('weft', hops, folder.path);
    });
    after(async () => {
      await chain?.stop();
      folder[Symbol.dispose]();
    });

    for (const { row, title, probes } of attacks) {
      test(`${row}: ${title}`, async () => {
        const faults: string[] = [];
        for (const probe of probes) {
          for (const connection of CONNECTIONS) {
            assert.ok(chain);
            const said = await judgeProbe(probe, chain, connection);
            faults.push(...said.map((text) => `${probe.name} (${connection}): ${text}`));
          }
        }
        assert.deepEqual(faults, []);
      });
    }
  });
}
