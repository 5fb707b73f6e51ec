/**
 * `node e2e/attacks/observe-envoy.ts`: sends the probes to Envoy with the same bootstrap and writes where it differs into
 * envoy.json beside this file, from which `npm run generate` makes docs/strictness.md. For information: nothing depends on it.
 */
import { execFileSync } from 'node:child_process';
import { globSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { observe, readAttacks, startChain } from '@weft/testkit/attacks';
import { temporaryFolder } from '@weft/testkit/folder';
import { toolPath } from '@weft/testkit/tools';

const version = /\/(\d+\.\d+\.\d+)\//.exec(execFileSync(toolPath('envoy'), ['--version'], { encoding: 'utf8' }))?.[1];
const folder = temporaryFolder();
const chain = await startChain('envoy', 1, folder.path);
const differences: Record<string, string> = {};
let probes = 0;
for (const file of globSync('*.yaml', { cwd: import.meta.dirname }).sort()) {
  for (const attack of readAttacks(path.join(import.meta.dirname, file))) {
    for (const probe of attack.probes) {
      probes += 1;
      const { equal, text } = await observe(probe, chain);
      if (!equal) differences[`${attack.row}: ${probe.name}`] = text;
    }
  }
}
await chain.stop();
folder[Symbol.dispose]();
writeFileSync(
  path.join(import.meta.dirname, 'envoy.json'),
  `${JSON.stringify({ version, probes, differences }, undefined, 2)}\n`,
);
process.stdout.write(`${Object.keys(differences).length} of ${probes} probes differ on Envoy ${version ?? ''}\n`);
