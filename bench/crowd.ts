/**
 * `npm run bench -- crowd [--connections N]`: good traffic's p99 beside slow connections of slowhttptest, N in all, and the engine's memory for
 * them. The engine has the first core, clients and backend the second. The baseline is of the same run, before and after the crowd.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { cpuMs, residentKib, startChain } from '@weft/testkit/attacks';
import { temporaryFolder } from '@weft/testkit/folder';
import { goodLatency, MODES, slowCrowd } from '@weft/testkit/slow-clients';

const { values } = parseArgs({ options: { connections: { type: 'string', default: '10000' } } });
const each = Math.ceil(Number(values.connections) / MODES.length);
const folder = temporaryFolder();
const chain = await startChain('weft', 1, folder.path);
const port = chain.port('safe');
const pid = chain.engines[0]?.pid ?? 0;
const pin = (process: number, core: string): void =>
  void execFileSync('taskset', ['-a', '-c', '-p', core, String(process)], { stdio: 'ignore' });
pin(pid, '0');
pin(process.pid, '1');
await goodLatency(port, 0.99, 1000, () => true);
const before = await goodLatency(port, 0.99, 3000, () => true);
const spent = cpuMs(pid);
const start = residentKib(pid);
let over = false;
let most = 0;
const watch = setInterval(() => (most = Math.max(most, residentKib(pid) - start)), 100);
const crowd = slowCrowd(port, each, 14).then(() => (over = true));
const beside = await goodLatency(port, 0.99, 3000, () => over);
await crowd;
clearInterval(watch);
const cpu = cpuMs(pid) - spent;
const after = await goodLatency(port, 0.99, 3000, () => true);
process.stdout.write(
  `${each * MODES.length} slow connections: p99 ${beside.toFixed(2)} ms, alone ${before.toFixed(2)} before and ${after.toFixed(2)} after, ratio ${(beside / before).toFixed(1)} and ${(beside / after).toFixed(1)}; ${(most / 1024).toFixed(0)} MiB more resident, ${cpu} ms of CPU\n`,
);
await chain.stop();
folder[Symbol.dispose]();
