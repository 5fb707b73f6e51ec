/**
 * `npm run bench -- crowd [--connections N] [--rounds N] [--engine weft|envoy|both] [--only burst|slow] [--mode=-H|-B|-R|-X] [--interval S]`: good traffic beside slow connections. Slow:
 * slowhttptest in its four modes one after the other, N connections each, and a good request every 20 ms, first alone, then while the crowd comes, then beside it; the engines
 * take turns, and the median of the rounds' ratios counts (goal: p99 at most 2). The engine has the first core, clients and backend the second. Burst: what N connections sent while the engine was stopped, and the engine's CPU until a good request that came
 * among them is answered: no other work on the machine is in that figure.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
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
    rounds: { type: 'string', default: '3' },
    engine: { type: 'string', default: 'both' },
    only: { type: 'string' },
    mode: { type: 'string' },
    interval: { type: 'string', default: '10' },
  },
});
type EngineName = 'weft' | 'envoy';
const engines = (values.engine === 'both' ? ['weft', 'envoy'] : [values.engine]) as readonly EngineName[];
const connections = Number(values.connections);
/** ms. A client that shares its core with the crowd gets it that often. */
const EVERY = 20;
const BEFORE = 400;
const SECONDS = 30;
/** Connections a second that each of the crowd's processes opens. */
const RATE = 250;
const interval = Number(values.interval);
/** Of the connections, open at once, as what stands for a crowd. Requests for ranges are answered at once: of them the whole time counts. */
const ENOUGH = { '-H': 0.9, '-B': 0.9, '-R': 0, '-X': 0.9 };
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

interface Round {
  readonly alone: readonly number[];
  /** While the crowd came: thousands of connections a second. */
  readonly opening: readonly number[];
  /** While it stayed. */
  readonly crowded: readonly number[];
  /** ms of the engine's CPU while the crowd was there. */
  readonly cpu: number;
  /** MiB more resident at the most. */
  readonly memory: number;
}

/** Files that a process may have open. */
const mostDescriptors = (pid: number): number =>
  Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1] ?? Number.POSITIVE_INFINITY);

const descriptorsOf = async (pid: number): Promise<number> => (await readdir(`/proc/${pid}/fd`)).length;

async function round(port: number, pid: number, mode: (typeof MODES)[number]): Promise<Round> {
  const alone = await pacedLatency(port, EVERY, BEFORE, () => true);
  const spent = cpuMicroseconds(pid);
  const resident = residentKib(pid);
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, residentKib(pid) - resident)), 100);
  let over = false;
  const crowd = slowCrowd(port, connections, {
    seconds: SECONDS,
    modes: [mode],
    interval,
    rate: RATE,
  }).then(() => (over = true));
  let open = await descriptorsOf(pid);
  let peak = open;
  const all = open + ENOUGH[mode] * connections;
  // Beside the good requests, and seldom: a list of ten thousand takes longer than a request may.
  const count = setInterval(() => {
    void descriptorsOf(pid).then((found) => {
      open = found;
      peak = Math.max(peak, found);
    });
  }, 500);
  const opening = await pacedLatency(port, EVERY, 1, () => over || open >= all || mode === '-R');
  if (over) throw new Error(`the crowd was never there: ${peak} of ${connections}`);
  const crowded = await pacedLatency(port, EVERY, 1, () => over || (open < all && mode !== '-R'));
  await crowd;
  clearInterval(watch);
  clearInterval(count);
  return { alone, opening, crowded, cpu: (cpuMicroseconds(pid) - spent) / 1000, memory: most / 1024 };
}

const at = (sorted: readonly number[], part: number): number => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
const median = (values: readonly number[]): number =>
  at(
    values.toSorted((a, b) => a - b),
    0.5,
  );

async function beside(mode: (typeof MODES)[number]): Promise<void> {
  using folder = temporaryFolder();
  const running = await Promise.all(
    engines.map(async (engine) => {
      const chain = await startChain(engine, 1, folder.path);
      const pid = chain.engines[0]?.pid ?? 0;
      pin(pid, '0');
      return { engine, chain, pid, rounds: [] as Round[] };
    }),
  );
  try {
    // Slow bodies each take a connection to the backend too.
    const needed = connections * (mode === '-B' ? 2 : 1) + 100;
    for (const { engine, pid } of running) {
      const most = mostDescriptors(pid);
      if (most >= needed) continue;
      say(
        `${engine.padEnd(5)} ${connections} ${WHAT[mode]}: left out, they need ${needed} open files of ${most} (ulimit -n)`,
      );
      return;
    }
    for (const { chain } of running) await pacedLatency(chain.port('safe'), 1, 2 * BEFORE, () => true);
    for (let count = 0; count < Number(values.rounds); count += 1)
      for (const { chain, pid, rounds } of running) rounds.push(await round(chain.port('safe'), pid, mode));
  } finally {
    await Promise.all(running.map(({ chain }) => chain.stop()));
  }
  for (const { engine, rounds } of running) {
    const of = (one: (each: Round) => number): string => median(rounds.map(one)).toFixed(2);
    const ratio = (part: number): string => of(({ crowded, alone }) => at(crowded, part) / at(alone, part));
    say(
      `${engine.padEnd(5)} ${connections} ${WHAT[mode]}, ${rounds.length} rounds: p99 ${of(({ crowded }) => at(crowded, 0.99))} ms, alone ${of(({ alone }) => at(alone, 0.99))}, ratio ${ratio(0.99)} (while it came ${of(({ opening }) => at(opening, 0.99))} ms); p50 ${of(({ crowded }) => at(crowded, 0.5))} ms, ratio ${ratio(0.5)}; ${of(({ cpu }) => cpu)} ms of CPU; ${of(({ memory }) => memory)} MiB more resident`,
    );
  }
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
if (values.only !== 'burst')
  for (const mode of MODES) if (values.mode === undefined || values.mode === mode) await beside(mode);
