/**
 * `npm run bench -- crowd [--connections N] [--engine weft|envoy|both] [--only burst|slow]`: good traffic beside slow connections. Slow: slowhttptest in
 * its four modes one after the other, N connections each, and a good request every 5 ms beside them, with the engine's own CPU; the engine has the first
 * core, clients and backend the second. Burst: what N connections sent while the engine was stopped, and the engine's CPU until a good request that came
 * among them is answered: no other work on the machine is in that figure.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuMicroseconds } from '@weft/testkit/attack-costs';
import { Conversation, residentKib, startChain } from '@weft/testkit/attacks';
import { temporaryFolder } from '@weft/testkit/folder';
import { MODES, pacedLatency, slowCrowd } from '@weft/testkit/slow-clients';
import { until } from '@weft/testkit/wait';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    engine: { type: 'string', default: 'both' },
    only: { type: 'string' },
  },
});
type EngineName = 'weft' | 'envoy';
const engines = (values.engine === 'both' ? ['weft', 'envoy'] : [values.engine]) as readonly EngineName[];
const connections = Number(values.connections);
const EVERY = 5;
const BEFORE = 400;
const SECONDS = 14;
const GOOD = 'GET /good HTTP/1.1\r\nHost: good.test\r\n\r\n';
const WHAT = { '-H': 'slow heads', '-B': 'slow bodies', '-R': 'range requests', '-X': 'slow reads' };

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const pin = (pid: number, core: string): void =>
  void execFileSync('taskset', ['-a', '-c', '-p', core, String(pid)], { stdio: 'ignore' });
const share = (sorted: readonly number[], part: number): string =>
  (sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(2);

/** On an engine of its own, ended afterwards. */
async function withEngine(engine: EngineName, work: (port: number, pid: number) => Promise<void>): Promise<void> {
  using folder = temporaryFolder();
  const chain = await startChain(engine, 1, folder.path);
  const pid = chain.engines[0]?.pid ?? 0;
  pin(pid, '0');
  try {
    await work(chain.port('safe'), pid);
  } finally {
    await chain.stop();
  }
}

async function beside(engine: EngineName, mode: (typeof MODES)[number]): Promise<void> {
  await withEngine(engine, async (port, pid) => {
    await pacedLatency(port, 1, 2 * BEFORE, () => true);
    const alone = await pacedLatency(port, EVERY, BEFORE, () => true);
    const spent = cpuMicroseconds(pid);
    const resident = residentKib(pid);
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, residentKib(pid) - resident)), 100);
    let over = false;
    const crowd = slowCrowd(port, connections, SECONDS, [mode]).then(() => (over = true));
    const crowded = await pacedLatency(port, EVERY, BEFORE, () => over);
    await crowd;
    clearInterval(watch);
    const cpu = (cpuMicroseconds(pid) - spent) / 1000;
    say(
      `${engine.padEnd(5)} ${connections} ${WHAT[mode]}: p50 ${share(crowded, 0.5)}, p99 ${share(crowded, 0.99)} ms; alone ${share(alone, 0.5)}, ${share(alone, 0.99)} ms; ${cpu.toFixed(0)} ms of CPU; ${(most / 1024).toFixed(0)} MiB more resident`,
    );
  });
}

/** What each of the crowd has sent before, and sends at once with the others. */
const BURSTS = {
  heads: { before: 'GET /slow HTTP/1.1\r\nHost: good.test\r\nX: ', piece: 'a' },
  bodies: { before: 'POST /slow HTTP/1.1\r\nHost: good.test\r\nContent-Length: 100000\r\n\r\n', piece: 'a'.repeat(24) },
  requests: { before: '', piece: GOOD },
};

async function burst(engine: EngineName, kind: keyof typeof BURSTS): Promise<void> {
  const { before: begun, piece } = BURSTS[kind];
  const whole = kind === 'requests';
  await withEngine(engine, async (port, pid) => {
    const crowd: Conversation[] = [];
    while (crowd.length < connections) {
      const next = Array.from({ length: Math.min(200, connections - crowd.length) }, () => new Conversation(port));
      await Promise.all(next.map((one) => one.until(() => !one.socket.connecting, 10_000)));
      crowd.push(...next);
    }
    for (const one of crowd) one.write(begun);
    const good = new Conversation(port);
    const answered = (one: Conversation, count: number): Promise<unknown> =>
      until(() => one.finals.length >= count, { timeout: 60_000, what: 'answers' });
    let asked = 0;
    const ask = (): void => {
      good.write(GOOD);
      asked += 1;
    };
    while (asked < 300) {
      ask();
      await answered(good, asked);
    }
    for (const place of [0.01, 0.5, 0.99]) {
      const costs: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        const before = crowd[0]?.finals.length ?? 0;
        process.kill(pid, 'SIGSTOP');
        crowd.forEach((one, index) => {
          one.write(piece);
          if (index === Math.floor(crowd.length * place)) ask();
        });
        await pause(50);
        const began = cpuMicroseconds(pid);
        process.kill(pid, 'SIGCONT');
        await good.until(() => good.finals.length >= asked, 60_000);
        costs.push((cpuMicroseconds(pid) - began) / 1000);
        if (whole) for (const one of crowd) await answered(one, before + 1);
        else await pause(300);
      }
      costs.sort((a, b) => a - b);
      say(
        `${engine.padEnd(5)} ${connections} pieces of ${kind} at once, a good request at ${place * 100} %: ${share(costs, 0)} (median ${share(costs, 0.5)}) ms of the engine's CPU until its answer`,
      );
    }
    for (const one of [...crowd, good]) one.destroy();
  });
}

pin(process.pid, '1');
if (values.only !== 'slow')
  for (const kind of ['heads', 'bodies', 'requests'] as const) for (const engine of engines) await burst(engine, kind);
if (values.only !== 'burst') for (const mode of MODES) for (const engine of engines) await beside(engine, mode);
