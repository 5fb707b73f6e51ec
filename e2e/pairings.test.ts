/**
 * Every pairing of protocols over HTTP (e2e/pairings/cases.yaml), through one engine and through two, on ours (`weft/1` between them) and on
 * Envoy: the same octets, trailers, ends and cuts on both sides. Our engine's memory stays flat meanwhile. Bodies of 100 MB go through a sample
 * of pairings of our engine here, through all of either by `npm run bench -- pairings`. e2e/pairings-matrix.test.ts says what is covered.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { residentKib } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import {
  judgePairing,
  listenerOf,
  PairingBackend,
  pairingCertificates,
  pairings,
  type PairingEngines,
  readPairings,
  startPairingEngines,
} from '@weft/testkit/pairing';
import { needs } from '@weft/testkit/tools';

const cases = readPairings(path.join(import.meta.dirname, 'pairings/cases.yaml'));
/** KiB that an engine of ours may have at most more than before, whatever goes through it. */
const FLAT = 96 * 1024;

for (const engine of ['weft', 'envoy'] as const) {
  for (const hops of [1, 2] as const) {
    describe(`pairings on ${engine}, ${hops === 1 ? 'one engine' : 'two engines'}`, {
      skip: needs(...(engine === 'envoy' ? ['envoy', 'openssl'] : ['openssl'])),
    }, () => {
      const folder = temporaryFolder();
      let backend: PairingBackend | undefined;
      let running: PairingEngines | undefined;
      let start: readonly number[] = [];
      before(async () => {
        const certificates = pairingCertificates(folder.path);
        backend = new PairingBackend(certificates);
        const input = { backends: await backend.start(), certificates };
        running = await startPairingEngines({ engine, hops, folder: folder.path, input });
        start = running.engines.map(({ process }) => residentKib(process.pid).now);
      });
      after(async () => {
        backend?.stop();
        await running?.stop();
        folder[Symbol.dispose]();
      });

      for (const one of cases) {
        const difference = engine === 'envoy' ? one.differs?.envoy : undefined;
        const note = difference === undefined ? '' : ` (differs by intention: ${difference})`;
        if (one.sample !== undefined && engine === 'envoy') continue;
        const ran = one.sample?.slice(0, hops === 1 ? undefined : 1) ?? pairings(one);
        test(one.name + note, { timeout: one.sample === undefined ? 30_000 : 60_000 }, async () => {
          assert.ok(backend !== undefined && running !== undefined);
          const { port } = running;
          const to = backend;
          const faults: string[][] = [];
          // Bodies that fill the machine go one after the other.
          if (one.sample === undefined)
            faults.push(
              ...(await Promise.all(ran.map((pairing) => judgePairing(one, pairing, port(listenerOf(pairing)), to)))),
            );
          else for (const pairing of ran) faults.push(await judgePairing(one, pairing, port(listenerOf(pairing)), to));
          if (difference === undefined) assert.deepEqual(faults.flat(), []);
          else assert.notDeepEqual(faults.flat(), [], 'the stated difference is gone: remove it from the case');
        });
      }

      if (engine !== 'weft') return;
      test('memory stayed flat all the time', () => {
        for (const [at, { process }] of (running?.engines ?? []).entries()) {
          const grown = residentKib(process.pid).peak - (start[at] ?? 0);
          assert.ok(grown < FLAT, `engine ${at + 1}: ${grown} KiB more at its peak`);
        }
      });
    });
  }
}
