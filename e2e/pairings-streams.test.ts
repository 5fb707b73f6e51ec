/**
 * WebSocket, CONNECT, TCP and TLS passed through (e2e/pairings/streams.yaml) through one engine and through two, on ours and on Envoy: the same
 * octets, ends and cuts on both sides, memory flat. e2e/tunnels.test.ts has what is WebSocket's own. 100 MB go through a sample of pairings of our
 * engine here, through all of either by `npm run bench -- pairings`. e2e/pairings-matrix.test.ts says what is covered.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { residentKib } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import {
  differsOnEnvoy,
  judgeStreams,
  pairingCertificates,
  type PairingEngines,
  readStreamCases,
  STREAM_PAIRINGS,
  StreamBackend,
  startPairingEngines,
} from '@weft/testkit/pairing';
import { needs } from '@weft/testkit/tools';

const cases = readStreamCases(path.join(import.meta.dirname, 'pairings/streams.yaml'));
/** KiB that an engine of ours may have at most more than before, whatever goes through it. */
const FLAT = 96 * 1024;

for (const engine of ['weft', 'envoy'] as const) {
  for (const hops of [1, 2] as const) {
    describe(`streams on ${engine}, ${hops === 1 ? 'one engine' : 'two engines'}`, {
      skip: needs(...(engine === 'envoy' ? ['envoy', 'openssl'] : ['openssl'])),
    }, () => {
      const folder = temporaryFolder();
      let backend: StreamBackend | undefined;
      let running: PairingEngines | undefined;
      let start: readonly number[] = [];
      before(async () => {
        const certificates = pairingCertificates(folder.path);
        backend = new StreamBackend(certificates);
        // Envoy waits so long with each end of HTTP/1.1.
        const manager = { delayed_close_timeout: '0.1s' };
        const input = { ...(await backend.start()), certificates, ...(engine === 'envoy' ? { manager } : {}) };
        running = await startPairingEngines({ engine, hops, folder: folder.path, input });
        start = running.engines.map(({ process }) => residentKib(process.pid).now);
      });
      after(async () => {
        backend?.stop();
        await running?.stop();
        folder[Symbol.dispose]();
      });

      for (const one of cases) {
        if (one.sample !== undefined && engine === 'envoy') continue;
        test(one.name, { timeout: 60_000 }, async () => {
          assert.ok(backend !== undefined && running !== undefined);
          const all = one.sample ?? STREAM_PAIRINGS;
          const judged = all.filter((pairing) => engine === 'weft' || !differsOnEnvoy(one, pairing));
          const faults = await judgeStreams(one, judged, running.port, backend);
          assert.deepEqual(faults, []);
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
