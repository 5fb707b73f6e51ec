/**
 * `npm run bench -- attack-costs [--rounds N] [--json FILE]`: what each attack on the wire costs our engine beside a good request of as many octets.
 * The file is what docs/strictness.md is generated from (e2e/attacks/costs.json).
 */
import { globSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { attackLoads, type Cost, CostMeter } from '@weft/testkit/attack-costs';
import { readAttacks, residentKib, startChain } from '@weft/testkit/attacks';
import { readMessageAttacks } from '@weft/testkit/attacks-http2';
import { temporaryFolder } from '@weft/testkit/folder';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, json: { type: 'string' } } });
const folder = temporaryFolder();
const e2e = path.join(import.meta.dirname, '../e2e');
const loads = attackLoads(
  globSync('attacks/*.yaml', { cwd: e2e })
    .sort()
    .flatMap((file) => readAttacks(path.join(e2e, file))),
  readMessageAttacks(path.join(e2e, 'attacks-http2/messages.yaml')),
);
const chain = await startChain('weft', 1, folder.path);
const pid = chain.engines[0]?.pid ?? 0;
const meter = new CostMeter(chain);
await meter.warmUp();
for (const load of loads) await meter.measure(load, 1);
const warm = residentKib(pid);
const costs: Cost[] = [];
const again = new CostMeter(chain);
for (const load of loads) costs.push(await again.measure(load, Number(values.rounds)));
const grown = residentKib(pid) - warm;
const ratio = ({ cpu, good }: Cost): number => cpu / good;
for (const cost of costs.toSorted((a, b) => ratio(b) - ratio(a)))
  process.stdout.write(
    `${ratio(cost).toFixed(2).padStart(6)} x  ${cost.cpu.toFixed(0).padStart(6)} us, good ${cost.good.toFixed(0).padStart(6)} us, ${cost.memory.toFixed(0).padStart(4)} KiB a connection  ${cost.load.row}: ${cost.load.name} (${cost.load.sent} octets${cost.load.http2 ? ', HTTP/2' : ''})\n`,
  );
process.stdout.write(`${costs.length} attacks; ${grown} KiB more resident after all of them once more\n`);
if (values.json !== undefined) {
  const rows = [...new Set(costs.map(({ load }) => load.row))].sort((a, b) => a - b);
  const worst = rows.map((row) => {
    const own = costs.filter(({ load }) => load.row === row);
    const [dearest] = own.toSorted((a, b) => ratio(b) - ratio(a)) as [Cost];
    return {
      row,
      attacks: own.length,
      dearest: dearest.load.name,
      cpu: Number(ratio(dearest).toFixed(2)),
      memory: Math.round(Math.max(...own.map(({ memory }) => memory))),
    };
  });
  writeFileSync(values.json, `${JSON.stringify({ grown, rows: worst }, undefined, 2)}\n`);
}
await chain.stop();
folder[Symbol.dispose]();
