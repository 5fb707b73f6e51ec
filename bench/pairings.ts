/**
 * `npm run bench -- pairings [--engine weft|envoy]`: bodies of 100 MB through every pairing of protocols, through one engine and through two, both
 * ways, octets compared; the most memory that an engine had more than at its start. The cases are those of the tests (e2e/pairings).
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { residentKib } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import {
  judgePairing,
  judgeStream,
  listenerOf,
  PairingBackend,
  pairingCertificates,
  type PairingEngines,
  pairings,
  readPairings,
  readStreamCases,
  STREAM_PAIRINGS,
  StreamBackend,
  startPairingEngines,
} from '@weft/testkit/pairing';

const { values } = parseArgs({ options: { engine: { type: 'string', default: 'weft' } } });
const engine = values.engine === 'envoy' ? 'envoy' : 'weft';
const at = (name: string): string => path.join(import.meta.dirname, '../e2e/pairings', name);
const folder = temporaryFolder();
const certificates = pairingCertificates(folder.path);
let failed = 0;

async function say(
  name: string,
  running: PairingEngines,
  start: number,
  judge: () => Promise<string[]>,
): Promise<void> {
  const began = performance.now();
  const faults = await judge();
  failed += faults.length;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const peak = Math.max(...running.engines.map(({ process: { pid } }) => residentKib(pid).peak)) - start;
  const verdict = faults.length === 0 ? 'equal' : faults.join('; ');
  process.stdout.write(`${name}: ${verdict}, ${seconds} s, peak +${(peak / 1024).toFixed(0)} MiB\n`);
}

const startOf = ({ engines }: PairingEngines): number =>
  Math.max(...engines.map(({ process: { pid } }) => residentKib(pid).now));

for (const hops of [1, 2] as const) {
  const suffix = hops === 1 ? '' : ', two engines';
  const backend = new PairingBackend(certificates);
  const input = { backends: await backend.start(), certificates };
  const running = await startPairingEngines({ engine, hops, folder: folder.path, input });
  const start = startOf(running);
  for (const one of readPairings(at('cases.yaml')).filter(({ sample }) => sample !== undefined))
    for (const pairing of pairings(one))
      await say(`${pairing.way} to ${pairing.upstream}${suffix}`, running, start, () =>
        judgePairing(one, pairing, running.port(listenerOf(pairing)), backend),
      );
  backend.stop();
  await running.stop();
  const streams = new StreamBackend(certificates);
  const between = await startPairingEngines({
    engine,
    hops,
    folder: folder.path,
    input: { ...(await streams.start()), certificates },
  });
  const rest = startOf(between);
  for (const one of readStreamCases(at('streams.yaml')).filter(({ sample }) => sample !== undefined))
    for (const pairing of STREAM_PAIRINGS)
      await say(`${pairing.way} to ${pairing.upstream}${suffix}`, between, rest, () =>
        judgeStream(one, pairing, between.port, streams),
      );
  streams.stop();
  await between.stop();
}
folder[Symbol.dispose]();
process.exitCode = failed === 0 ? 0 : 1;
