/** Attacks by messages of HTTP/2 (e2e/attacks-http2): each probe on a fresh and on a reused connection, through one engine and through two. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { useChain } from '@weft/testkit/attacks';
import { judgeMessage, readMessageAttacks } from '@weft/testkit/attacks-http2';

const attacks = readMessageAttacks(path.join(import.meta.dirname, 'attacks-http2/messages.yaml'));

for (const hops of [1, 2]) {
  describe(`HTTP/2 attacks through ${hops === 1 ? 'one engine' : 'two engines'}`, () => {
    const chain = useChain(hops);

    for (const { row, title, probes } of attacks) {
      test(`${row}: ${title}`, async () => {
        const faults: string[] = [];
        for (const probe of probes) {
          for (const reused of [false, true]) {
            const said = await judgeMessage(probe, chain(), reused);
            faults.push(...said.map((text) => `${probe.name} (${reused ? 'reused' : 'fresh'}): ${text}`));
          }
        }
        assert.deepEqual(faults, []);
      });
    }
  });
}
