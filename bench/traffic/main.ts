/**
 * `npm run bench -- traffic [--proxies N] [--edges N] [--seconds N] [--tls] [--driven]`: a running control plane while that many agents report
 * their traffic each second, and somebody reads the table each second: its CPU, its memory, and whether what it says is what was counted. The
 * agents are real ends of the protocol; the traffic they count is made up here. `--tls`: each has an mTLS connection of its own and subscribes by
 * ADS to what it calls; else twenty connections of the Unix socket are shared. `--driven`: the clocks of both sides go on when every report of a
 * second was taken, so that many minutes can be looked at on a machine that is busy, or in less time.
 */
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Edge, NOBODY } from '@weft/core/traffic';
import { cpuMs, residentKib } from '@weft/testkit/attacks';
import { FakeClock } from '@weft/testkit/clock';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { until } from '@weft/testkit/wait';
import { systemMonotonicClock } from '@weft/proxy/time';
import { agents, type Simulated } from './agents.ts';
import { CLOCK_SOCKET, type Moment } from './driven-clock.ts';

const { values } = parseArgs({
  options: {
    proxies: { type: 'string', default: '1000' },
    edges: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '20' },
    tls: { type: 'boolean', default: false },
    driven: { type: 'boolean', default: false },
  },
});
const proxies = Number(values.proxies);
const edges = Number(values.edges);
const seconds = Number(values.seconds);
/** Requests a second of one edge. */
const rate = Number(values.rate);
/** Agents of one registration, and of one connection where they share one; a registration gets ten certificates at once. */
const TOGETHER = values.tls ? 10 : 50;
const BEAT = 100;

const clockSocket = `/tmp/weft-bench-clock-${process.pid}.sock`;
const mesh = new TestMesh(
  WEFT,
  values.driven
    ? {
        [CLOCK_SOCKET]: clockSocket,
        NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import ${pathToFileURL(`${import.meta.dirname}/driven-clock.ts`).href}`,
      }
    : {},
);
const up = await mesh.up();
const pid = up.pid ?? 0;
const socket = `${mesh.data}/control.sock`;
const name = (index: number): string => `service-${index % 200}`;
const driven = new FakeClock();
const mib = (kib: number): string => (kib / 1024).toFixed(0);

/** Messages of counts that the control plane took, and agents that have their configuration. */
let taken = 0;
let configured = 0;
const callees = Array.from({ length: Math.ceil(edges / 200) }, (_, each) => each + 1);
const all: Simulated[] = [];
const began = residentKib(pid);
for (let first = 0; first < proxies; first += TOGETHER)
  all.push(
    ...(await agents(first, Math.min(TOGETHER, proxies - first), {
      clock: values.driven ? driven : systemMonotonicClock,
      socket,
      address: `127.0.0.1:${port()}`,
      own: values.tls,
      name,
      upstreams: (index) => callees.map((each) => name((index % 200) + each)),
      onTaken: () => (taken += 1),
      onConfigured: () => (configured += 1),
    })),
  );
if (values.tls) await until(() => configured >= all.length, { timeout: 120_000, what: 'configuration at all' });
const joined = residentKib(pid);
process.stdout.write(
  `${all.length} agents hold their leases: ${mib(joined)} MiB resident, ${((joined - began) / all.length).toFixed(0)} KiB each\n`,
);

/** Of the line that says that it is ready. */
function port(): string {
  const at = /127\.0\.0\.1:(\d+)/.exec(up.stdout + up.stderr)?.[1];
  if (at === undefined) throw new Error(`no port in ${up.stdout}`);
  return at;
}

/** Each edge is told by its caller; half of them by the called side as well, which is the most that two proxies of ours do. */
for (let index = 0; index < edges; index += 1) {
  const caller = index % all.length;
  // Of each of 200 services as many different callees as it takes.
  const called = ((caller % 200) + 1 + Math.floor(index / 200)) % 200;
  const party = (workload: string) => ({
    ...NOBODY,
    namespace: 'default',
    workload,
    app: workload,
    identity: `spiffe://weft.local/ns/default/sa/${workload}`,
  });
  const edge: Edge = {
    reporter: 'source',
    protocol: index % 5 === 0 ? 'grpc' : 'http',
    source: party(name(caller)),
    destination: party(name(called)),
    service: { namespace: 'default', name: name(called) },
    route: '',
    security: 'mutual_tls',
  };
  all[caller]?.edges.push(edge);
  all[called]?.edges.push({ ...edge, reporter: 'destination' });
}

let counted = 0;
/** What happens in `ms`. */
function count(ms: number): void {
  for (const { table, edges: own } of all)
    for (const edge of own) {
      const grpc = edge.protocol === 'grpc' ? 0 : -1;
      for (let each = 0; each < (rate * ms) / 1000; each += 1) {
        const failed = Math.random() < 0.01;
        table
          .series(edge, failed ? 503 : 200, failed && grpc === 0 ? 14 : grpc, failed ? 'UF' : '')
          .request(Math.random() * 50 + 1, 200, 1000, 1);
        if (edge.reporter === 'source') counted += 1;
      }
    }
}
for (const { uplink } of all) uplink.start();

interface Answer {
  readonly health: {
    readonly reporters: number;
    readonly edges: number;
    readonly refused: number;
    readonly overflow: number;
  };
  readonly rows: readonly { readonly edge: Edge; readonly counts: { readonly requests: number } }[];
}
async function read(reporter: 'once' | 'all'): Promise<Answer> {
  const { body } = await exchange(
    { socketPath: socket },
    { path: `/weft/v1/traffic?window=10m&reporter=${reporter}` },
    false,
    30_000,
  );
  return JSON.parse(body.toString()) as Answer;
}
await until(async () => (await read('once')).health.reporters === all.length, {
  timeout: 120_000,
  what: 'all to report',
});

let most = 0;
let slowest = 0;
async function look(): Promise<void> {
  const asked = performance.now();
  await exchange({ socketPath: socket }, { path: '/weft/v1/traffic?window=1m' }, false, 30_000);
  slowest = Math.max(slowest, performance.now() - asked);
  most = Math.max(most, residentKib(pid));
}
const told = values.driven ? await drivenRun() : await timedRun();

async function timedRun(): Promise<{ readonly text: string; readonly cores: number }> {
  const beat = setInterval(() => count(BEAT), BEAT);
  const begun = performance.now();
  const spent = cpuMs(pid);
  const takenBefore = taken;
  for (let second = 1; second <= seconds; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, begun + 1000 * second - performance.now())));
    await look();
  }
  const cpu = cpuMs(pid) - spent;
  const elapsed = performance.now() - begun;
  clearInterval(beat);
  /** On a busy machine agents are late: what the pace that was asked for would take. */
  const cores = ((cpu / (taken - takenBefore)) * all.length) / 1000;
  const reports = Math.round(((taken - takenBefore) * 1000) / elapsed);
  return {
    text: `${Math.round((counted / elapsed) * 1000)} requests a second: ${(cpu / elapsed).toFixed(3)} cores for ${reports} reports a second, ${cores.toFixed(3)} for ${all.length}`,
    cores,
  };
}

/** Second by second; every half minute a line of memory. */
async function drivenRun(): Promise<{ readonly text: string; readonly cores: number }> {
  const clock = createConnection(clockSocket);
  const lines = createInterface({ input: clock })[Symbol.asyncIterator]();
  const reporting = all.filter(({ edges: own }) => own.length > 0).length;
  const spent = cpuMs(pid);
  for (let second = 1; second <= seconds; second += 1) {
    count(1000);
    const before = taken;
    driven.advance(1000);
    await until(() => taken >= before + reporting, { timeout: 120_000, what: `${reporting} reports to be taken` });
    clock.write('1000\n');
    const moment = JSON.parse((await lines.next()).value ?? '{}') as Moment;
    await look();
    if (second % 30 !== 0) continue;
    const [heap, total, buffers] = [moment.heap, moment.heapTotal, moment.arrayBuffers].map((octets) =>
      mib(octets / 1024),
    );
    process.stdout.write(
      `${String(second).padStart(5)} s: ${mib(residentKib(pid))} MiB resident; main thread's heap ${heap} of ${total}, buffers ${buffers}\n`,
    );
  }
  clock.destroy();
  const cores = (cpuMs(pid) - spent) / (seconds * 1000);
  return { text: `${seconds} s as fast as they were taken: CPU of ${cores.toFixed(3)} cores at their pace`, cores };
}

await until(
  async () =>
    (await read('all')).rows.reduce(
      (sum, { edge, counts }) => sum + (edge.reporter === 'source' ? counts.requests : 0),
      0,
    ) === counted,
  { timeout: 30_000, what: `${counted} requests in the table` },
);
const { health } = await read('once');
process.stdout.write(
  `${all.length} proxies, ${edges} edges, ${told.text}; ` +
    `${mib(most)} MiB resident at most, slowest answer ${slowest.toFixed(0)} ms; ${counted} counted by the callers and in the table, ` +
    `${health.edges} edges, ${health.refused} refused, ${health.overflow} in other\n`,
);
const good = told.cores < 0.5 && most / 1024 < 600 && health.refused === 0;
process.exitCode = good ? 0 : 1;
for (const agent of all) agent.close();
await mesh[Symbol.asyncDispose]();
process.exit();
