/**
 * Every pairing of protocols (e2e/pairings/cases.yaml) on our engine and on Envoy: the same octets, trailers, ends and cuts on both sides.
 * Our engine's memory stays flat meanwhile; bodies of 100 MB go through two pairings here, through all by `npm run bench -- pairings`.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type RunningEngine, residentKib, startEngine } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import {
  judgePairing,
  listenerOf,
  PairingBackend,
  pairingBootstrap,
  pairingCertificates,
  pairings,
  readPairings,
} from '@weft/testkit/pairing';
import { needs } from '@weft/testkit/tools';

const cases = readPairings(path.join(import.meta.dirname, 'pairings/cases.yaml'));
/** KiB that our engine may have at most more than before, whatever goes through it. */
const FLAT = 96 * 1024;

for (const engine of ['weft', 'envoy'] as const) {
  describe(`pairings on ${engine}`, {
    skip: needs(...(engine === 'envoy' ? ['envoy', 'openssl'] : ['openssl'])),
  }, () => {
    const folder = temporaryFolder();
    const backend = new PairingBackend();
    let running: RunningEngine | undefined;
    let start = 0;
    before(async () => {
      const backends = await backend.start();
      const bootstrap = pairingBootstrap({ backends, certificates: pairingCertificates(folder.path) });
      running = await startEngine({ engine, folder: folder.path, name: engine, bootstrap });
      start = residentKib(running.process.pid).now;
    });
    after(async () => {
      backend.stop();
      await running?.stop();
      folder[Symbol.dispose]();
    });

    for (const one of cases) {
      const difference = engine === 'envoy' ? one.differs?.envoy : undefined;
      const note = difference === undefined ? '' : ` (differs by intention: ${difference})`;
      test(one.name + note, { timeout: 8000 }, async () => {
        const faults = await Promise.all(
          pairings(one).map((pairing) => judgePairing(one, pairing, running?.port(listenerOf(pairing)) ?? 0, backend)),
        );
        if (difference === undefined) assert.deepEqual(faults.flat(), []);
        else assert.notDeepEqual(faults.flat(), [], 'the stated difference is gone: remove it from the case');
      });
    }

    if (engine !== 'weft') return;
    test('100 MB both ways, and memory stayed flat all the time', { timeout: 60_000 }, async () => {
      const large = {
        name: '100 MB',
        path: '/x?framing=length',
        ask: { framing: 'length' as const },
        sizes: [104_857_600],
        expect: {},
      };
      for (const pairing of [
        { way: '1.1', upstream: 'h1' },
        { way: 'h2', upstream: 'h2' },
      ] as const)
        assert.deepEqual(await judgePairing(large, pairing, running?.port(listenerOf(pairing)) ?? 0, backend), []);
      const grown = residentKib(running?.process.pid ?? 0).peak - start;
      assert.ok(grown < FLAT, `${grown} KiB more at its peak`);
    });
  });
}
