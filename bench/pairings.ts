/** `npm run bench -- pairings`: bodies of 100 MB through every pairing of protocols, both ways, octets compared; the engine's peak of memory. */
import { parseArgs } from 'node:util';
import { residentKib, startEngine } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import {
  judgePairing,
  listenerOf,
  PairingBackend,
  pairingBootstrap,
  pairingCertificates,
  pairings,
} from '@weft/testkit/pairing';

const { values } = parseArgs({ options: { engine: { type: 'string', default: 'weft' } } });
const engine = values.engine === 'envoy' ? 'envoy' : 'weft';
const LARGE = { name: '100 MB', path: '/x?framing=length', sizes: [104_857_600], expect: {} };
const folder = temporaryFolder();
const backend = new PairingBackend();
const backends = await backend.start();
const bootstrap = pairingBootstrap({ backends, certificates: pairingCertificates(folder.path) });
const running = await startEngine({ engine, folder: folder.path, name: engine, bootstrap });
const start = residentKib(running.process.pid).now;
let failed = 0;
for (const framing of ['length', 'chunked'] as const) {
  for (const pairing of pairings(framing === 'length' ? {} : { ways: ['1.1', 'h2', 'tls'] })) {
    const began = performance.now();
    const one = { ...LARGE, ask: { framing } };
    const faults = await judgePairing(one, pairing, running.port(listenerOf(pairing)), backend);
    failed += faults.length;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const peak = (residentKib(running.process.pid).peak - start) / 1024;
    const verdict = faults.length === 0 ? 'equal' : faults.join('; ');
    process.stdout.write(
      `${pairing.way} to ${pairing.upstream}, ${framing}: ${verdict}, ${seconds} s, peak +${peak.toFixed(0)} MiB\n`,
    );
  }
}
backend.stop();
await running.stop();
folder[Symbol.dispose]();
process.exitCode = failed === 0 ? 0 : 1;
