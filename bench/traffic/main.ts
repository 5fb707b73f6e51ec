/**
 * `npm run bench -- traffic [--proxies N] [--edges N] [--seconds N]`: a running control plane while that many agents report their traffic each
 * second, and somebody reads the table each second: its CPU, its memory, and whether what it says is what was counted. The agents are real ends of
 * the protocol (lease and Observe) on the Unix socket; the traffic they count is made up here.
 */
import { generateKeyPairSync } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ControlPlane } from '@weft/agent/control-plane';
import { ObserveUplink } from '@weft/agent/observe';
import { AGENT_METHODS, attachUpJson } from '@weft/core/agent-api';
import { type Edge, NOBODY, TrafficTable } from '@weft/core/traffic';
import { cpuMs, residentKib } from '@weft/testkit/attacks';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { until } from '@weft/testkit/wait';
import { systemMonotonicClock as clock } from '@weft/proxy/time';

const { values } = parseArgs({
  options: {
    proxies: { type: 'string', default: '1000' },
    edges: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '20' },
  },
});
const proxies = Number(values.proxies);
const edges = Number(values.edges);
const seconds = Number(values.seconds);
/** Requests a second of one edge. */
const rate = Number(values.rate);
/** Agents of one registration, and of one connection. */
const TOGETHER = 50;
const BEAT = 100;

const mesh = new TestMesh();
const up = await mesh.up();
const pid = up.pid ?? 0;
const socket = `${mesh.data}/control.sock`;
const name = (index: number): string => `service-${index % 200}`;

interface Simulated {
  readonly table: TrafficTable;
  readonly uplink: ObserveUplink;
  readonly edges: Edge[];
}

async function agents(first: number, count: number): Promise<Simulated[]> {
  const controlPlane = new ControlPlane({ kind: 'unix', path: socket }, '');
  const account = name(first);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const joined = await controlPlane.call(AGENT_METHODS.join, {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    namespace: 'default',
    account,
  });
  if (!joined.ok) throw new Error(joined.error.message);
  const { registration } = joined.value as { registration: string };
  return Promise.all(
    Array.from({ length: count }, async (_, each) => {
      const index = first + each;
      const instance = await lease(controlPlane, registration, name(index));
      const table = new TrafficTable({ clock });
      const uplink = new ObserveUplink({
        clock,
        roll: Math.random,
        epoch: index.toString(16),
        proxy: { take: () => table.take(), tap: () => ({ close: () => undefined }) },
        hello: () => ({ namespace: 'default', name: instance, app: name(index), version: '' }),
        up: () => true,
        open: (handlers) =>
          controlPlane.open(AGENT_METHODS.observe, {
            ...handlers,
            onMessage(bytes) {
              taken += bytes.includes('"taken"') ? 1 : 0;
              handlers.onMessage(bytes);
            },
          }),
      });
      return { table, uplink, edges: [] };
    }),
  );
}

function lease(controlPlane: ControlPlane, registration: string, workload: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = controlPlane.open(AGENT_METHODS.attach, {
      onMessage(bytes) {
        const message = JSON.parse(bytes.toString()) as { type: string; name: string };
        if (message.type === 'registered') resolve(message.name);
      },
      onEnd: (error) => reject(new Error(error.message)),
    });
    const hello = attachUpJson({
      type: 'hello',
      registration,
      namespace: 'default',
      workload: {
        name: workload,
        labels: new Map([['app', workload]]),
        addresses: [{ ip: '127.0.0.1', network: '' }],
        ports: [{ name: 'http', port: 8080, protocol: 'http', proxyPort: 15_000 }],
        locality: { region: '', zone: '', subZone: '' },
      },
      service: undefined,
      instance: undefined,
      bundle: '',
      readiness: new Map([['http', true]]),
    });
    stream.send(Buffer.from(JSON.stringify(hello)));
  });
}

/** Messages of counts that the control plane took. */
let taken = 0;
const all: Simulated[] = [];
for (let first = 0; first < proxies; first += TOGETHER)
  all.push(...(await agents(first, Math.min(TOGETHER, proxies - first))));
process.stdout.write(`${all.length} agents hold their leases: ${(residentKib(pid) / 1024).toFixed(0)} MiB resident\n`);

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
const beat = setInterval(() => {
  for (const { table, edges: own } of all)
    for (const edge of own) {
      const grpc = edge.protocol === 'grpc' ? 0 : -1;
      for (let each = 0; each < (rate * BEAT) / 1000; each += 1) {
        const failed = Math.random() < 0.01;
        table
          .series(edge, failed ? 503 : 200, failed && grpc === 0 ? 14 : grpc, failed ? 'UF' : '')
          .request(Math.random() * 50 + 1, 200, 1000, 1);
        if (edge.reporter === 'source') counted += 1;
      }
    }
}, BEAT);
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
  timeout: 60_000,
  what: 'all to report',
});

const begun = performance.now();
const spent = cpuMs(pid);
const takenBefore = taken;
let most = 0;
let slowest = 0;
for (let second = 1; second <= seconds; second += 1) {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, begun + 1000 * second - performance.now())));
  const asked = performance.now();
  await exchange({ socketPath: socket }, { path: '/weft/v1/traffic?window=1m' }, false, 30_000);
  slowest = Math.max(slowest, performance.now() - asked);
  most = Math.max(most, residentKib(pid));
}
const cpu = cpuMs(pid) - spent;
const elapsed = performance.now() - begun;
/** On a busy machine agents are late: what the pace that was asked for would take. */
const whole = ((cpu / (taken - takenBefore)) * all.length) / 1000;
clearInterval(beat);
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
  `${all.length} proxies, ${edges} edges, ${Math.round((counted / elapsed) * 1000)} requests a second: ${(cpu / elapsed).toFixed(3)} cores for ${Math.round(((taken - takenBefore) * 1000) / elapsed)} reports a second, ${whole.toFixed(3)} for ${all.length}; ` +
    `${(most / 1024).toFixed(0)} MiB resident at most, slowest answer ${slowest.toFixed(0)} ms; ${counted} counted by the callers and in the table, ` +
    `${health.edges} edges, ${health.refused} refused, ${health.overflow} in other\n`,
);
const good = whole < 0.5 && most / 1024 < 600 && health.refused === 0;
process.exitCode = good ? 0 : 1;
await mesh[Symbol.asyncDispose]();
process.exit();
