/**
 * Every pairing of protocols over HTTP (e2e/pairings/cases.yaml), through one engine and through two, on ours (`weft/1` between them) and on
 * Envoy: the same octets, trailers, ends and cuts on both sides. Our engine's memory stays flat meanwhile. Bodies of 100 MB go through a sample
 * of pairings of our engine here, through all of either by `npm run bench -- pairings`. e2e/pairings-matrix.test.ts says what is covered.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import {
  describePairingPaths,
  judgePairing,
  listenerOf,
  PairingBackend,
  pairings,
  readPairings,
} from '@weft/testkit/pairing';

const cases = readPairings(path.join(import.meta.dirname, 'pairings/cases.yaml'));

describePairingPaths('pairings', {
  async start(certificates) {
    const backend = new PairingBackend(certificates);
    return [backend, { backends: await backend.start() }];
  },
  define({ engine, hops, running }) {
    for (const one of cases) {
      const difference = engine === 'envoy' ? one.differs?.envoy : undefined;
      const note = difference === undefined ? '' : ` (differs by intention: ${difference})`;
      if (one.sample !== undefined && engine === 'envoy') continue;
      const ran = one.sample?.slice(0, hops === 1 ? undefined : 1) ?? pairings(one);
      test(one.name + note, { timeout: one.sample === undefined ? 30_000 : 60_000 }, async () => {
        const { backend, engines } = running();
        const faults: string[][] = [];
        // Bodies that fill the machine go one after the other.
        if (one.sample === undefined)
          faults.push(
            ...(await Promise.all(
              ran.map((pairing) => judgePairing(one, pairing, engines.port(listenerOf(pairing)), backend)),
            )),
          );
        else
          for (const pairing of ran)
            faults.push(await judgePairing(one, pairing, engines.port(listenerOf(pairing)), backend));
        if (difference === undefined) assert.deepEqual(faults.flat(), []);
        else assert.notDeepEqual(faults.flat(), [], 'the stated difference is gone: remove it from the case');
      });
    }
  },
});
