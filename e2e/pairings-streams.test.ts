/**
 * WebSocket, CONNECT, TCP and TLS passed through (e2e/pairings/streams.yaml) through one engine and through two, on ours and on Envoy: the same
 * octets, ends and cuts on both sides, memory flat. e2e/tunnels.test.ts has what is WebSocket's own. 100 MB go through a sample of pairings of our
 * engine here, through all of either by `npm run bench -- pairings`. e2e/pairings-matrix.test.ts says what is covered.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import {
  describePairingPaths,
  differsOnEnvoy,
  judgeStreams,
  readStreamCases,
  STREAM_PAIRINGS,
  StreamBackend,
} from '@weft/testkit/pairing';

const cases = readStreamCases(path.join(import.meta.dirname, 'pairings/streams.yaml'));

describePairingPaths('streams', {
  async start(certificates, engine) {
    const backend = new StreamBackend(certificates);
    // Envoy waits so long with each end of HTTP/1.1.
    const manager = { delayed_close_timeout: '0.1s' };
    return [backend, { ...(await backend.start()), ...(engine === 'envoy' ? { manager } : {}) }];
  },
  define({ engine, running }) {
    for (const one of cases) {
      if (one.sample !== undefined && engine === 'envoy') continue;
      test(one.name, { timeout: 60_000 }, async () => {
        const { backend, engines } = running();
        const all = one.sample ?? STREAM_PAIRINGS;
        const judged = all.filter((pairing) => engine === 'weft' || !differsOnEnvoy(one, pairing));
        assert.deepEqual(await judgeStreams(one, judged, engines.port, backend), []);
      });
    }
  },
});
