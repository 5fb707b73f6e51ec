/**
 * Whether numbers are true: `npm run bench -- truth [--requests N] [--lanes N]`. N requests of known outcome (100,000) from callers of both engines
 * (ours on two threads, so that counters are merged) to services of both; half way all callers are ended and started anew. Then a quarter as
 * many through `weft proxy` while it is restarted hot, three times. What the control plane, the proxies' `istio_*` series and Envoy's own
 * counters say must be what clients saw and servers counted, each quantile within 5 %. Ends with 1 where one is not.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Edge, TrafficCounts } from '@weft/core/traffic';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { between, byStatus, drive, KnownServer, Seen, sorted } from '@weft/testkit/known-traffic';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort, freePorts } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';

const { values: flags } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, lanes: { type: 'string', default: '24' } },
});
const total = Number(flags.requests);
const lanes = Number(flags.lanes);
const ENGINES = ['weft', 'envoy'] as const;
type Engine = (typeof ENGINES)[number];
/** ms; what an answer is held, the same in every run. */
const delay = (index: number): number => 5 + ((index * 37) % 90);

interface Row {
  readonly edge: Edge;
  readonly counts: TrafficCounts;
}

const faults: string[] = [];
const holds = (what: string, judge: () => void): void => {
  try {
    judge();
  } catch (error) {
    faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
};
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function throughTheMesh(): Promise<void> {
  await using mesh = new TestMesh();
  const servers = new Map<Engine, KnownServer>();
  const upstreams = new Map<string, number>();
  const seen = new Map<string, Seen>();
  const rows = async (): Promise<readonly Row[]> => {
    const { body } = await exchange(
      { socketPath: `${mesh.data}/control.sock` },
      { path: '/weft/v1/traffic?window=10m&reporter=all' },
    );
    return (JSON.parse(body.toString()) as { rows: readonly Row[] }).rows;
  };
  const counted = async (): Promise<number> => (await rows()).reduce((sum, { counts }) => sum + counts.requests, 0);
  /** All that happened is told: nothing new for five seconds. */
  const settled = async (): Promise<readonly Row[]> => {
    let known = -1;
    let changed = performance.now();
    await until(
      async () => {
        const now = await counted();
        if (now !== known) changed = performance.now();
        known = now;
        return performance.now() - changed > 5000;
      },
      { timeout: 60_000, what: 'no more requests to be told' },
    );
    return rows();
  };

  await mesh.up();
  for (const engine of ENGINES) {
    const server = new KnownServer();
    servers.set(engine, server);
    mesh.run('--name', `called-${engine}`, '--port', `${await server.start()}/http`, '--engine', engine);
  }
  await mesh.synced(2, 60_000);
  const start = async (): Promise<readonly TestProcess[]> => {
    const started = [];
    for (const engine of ENGINES) {
      const ports = await freePorts(ENGINES.length);
      const own = ENGINES.flatMap((called, index) => {
        upstreams.set(`${engine} ${called}`, ports[index] ?? 0);
        return ['--upstream', `called-${called}=${ports[index] ?? 0}`];
      });
      if (engine === 'weft') own.push('--concurrency', '2');
      started.push(
        new TestProcess(WEFT, ['run', '--name', `caller-${engine}`, '--engine', engine, ...own], { env: mesh.env }),
      );
    }
    await mesh.synced(4, 60_000);
    for (const port of upstreams.values()) await mesh.answering(port);
    return started;
  };

  const share = Math.ceil(total / 2 / ENGINES.length ** 2);
  const probes = new Map<string, number>();
  for (const half of [0, 1]) {
    const running = await start();
    const before = await settled();
    for (const { edge, counts } of before) {
      const key = keyOf(edge);
      const known = half === 0 ? 0 : (probes.get(`${key} end`) ?? 0);
      probes.set(key, (probes.get(key) ?? 0) + counts.requests - known);
    }
    for (const server of servers.values()) if (half === 0) server.counts.clear();
    const begun = performance.now();
    await Promise.all(
      ENGINES.flatMap((caller, a) =>
        ENGINES.map(async (called, b) => {
          const pair = `${caller} ${called}`;
          const known = seen.get(pair) ?? new Seen();
          seen.set(pair, known);
          const port = upstreams.get(pair) ?? 0;
          await drive({ port, caller, requests: share, lanes, offset: 1000 * a + 100 * b, delay, seen: known });
        }),
      ),
    );
    say(
      `${share * ENGINES.length ** 2} requests in ${((performance.now() - begun) / 1000).toFixed(0)} s (${half === 0 ? 'before' : 'after'} the callers' restart)`,
    );
    for (const one of running) one.signal('SIGTERM');
    await Promise.all(running.map((one) => one.ended()));
    for (const { edge, counts } of await settled()) probes.set(`${keyOf(edge)} end`, counts.requests);
  }

  const told = await settled();
  for (const called of ENGINES) {
    const served = new Map<number, number>();
    for (const caller of ENGINES) {
      const client = seen.get(`${caller} ${called}`) ?? new Seen();
      for (const [status, count] of client.statuses) served.set(status, (served.get(status) ?? 0) + count);
      for (const reporter of ['source', 'destination'] as const) {
        const what = `${caller} to ${called}, told by the ${reporter}`;
        holds(what, () => {
          const found = told.filter(
            ({ edge }) =>
              edge.reporter === reporter &&
              edge.source.workload === `caller-${caller}` &&
              edge.destination.workload === `called-${called}`,
          );
          const [row] = found;
          assert.ok(row !== undefined && found.length === 1, `${found.length} rows`);
          const expected = new Map(client.statuses);
          expected.set(200, (expected.get(200) ?? 0) + (probes.get(keyOf(row.edge)) ?? 0));
          assert.deepEqual(byStatus(row.counts), sorted(expected));
          assert.equal(row.counts.requestBytes, client.sent, 'octets of requests');
          assert.equal(row.counts.responseBytes, client.received, 'octets of answers');
          const durations = servers.get(called)?.durations.get(caller) ?? [];
          for (const q of [0.5, 0.9, 0.99]) between(row.counts, durations, client.durations, q, what);
          say(`true   ${what}: ${row.counts.requests} requests, octets, three quantiles`);
        });
      }
    }
    holds(`served by ${called}`, () => {
      const counts = servers.get(called)?.counts ?? new Map<number, number>();
      for (const [status, count] of served) if (status !== 200) assert.equal(counts.get(status), count, String(status));
    });
  }
  for (const server of servers.values()) server.stop();
}

function keyOf({ reporter, source, destination }: Edge): string {
  return `${reporter} ${source.workload} ${destination.workload}`;
}

async function throughHotRestarts(): Promise<void> {
  using folder = temporaryFolder('weft-truth-');
  const server = new KnownServer();
  const [port, admin, app] = [await freePort(), await freePort(), await server.start()];
  const file = path.join(folder.path, 'bootstrap.json');
  const pid = path.join(folder.path, 'pid');
  writeFileSync(file, JSON.stringify(bootstrap(port, admin, app)));
  const proxy = new TestProcess(WEFT, ['proxy', '-c', file, '--concurrency', '2', '--pid-file', pid]);
  try {
    const ready = async (epoch: number): Promise<true | undefined> => {
      const { body } = await exchange({ port: admin }, { path: '/stats?filter=server.hot_restart_epoch' });
      return body.toString().includes(`hot_restart_epoch: ${epoch}`) ? true : undefined;
    };
    await until(() => ready(0), { timeout: 30_000, what: 'the proxy' });
    const seen = new Seen();
    const share = Math.ceil(total / 16);
    for (let epoch = 0; epoch < 4; epoch += 1) {
      const driven = drive({ port, caller: 'weft', requests: share, lanes, offset: epoch, delay, seen });
      if (epoch < 3) {
        const wanted = seen.durations.length + share / 4;
        await until(() => seen.durations.length >= wanted, { timeout: 120_000, what: 'a quarter of this round' });
        process.kill(Number(readFileSync(pid, 'utf8')), 'SIGHUP');
        await until(() => ready(epoch + 1), { timeout: 30_000, what: `restart ${epoch + 1}` });
      }
      await driven;
    }
    const { body } = await exchange({ port: admin }, { path: '/stats/prometheus' });
    const sums = new Map<number, number>();
    for (const [, labels = '', value = ''] of body.toString().matchAll(/^istio_requests_total\{(.*)\} (\d+)$/gm)) {
      const code = Number(/response_code="(\d+)"/.exec(labels)?.[1]);
      sums.set(code, (sums.get(code) ?? 0) + Number(value));
    }
    holds('istio_requests_total over three hot restarts', () => assert.deepEqual(sorted(sums), sorted(seen.statuses)));
    holds('the server', () => assert.deepEqual(sorted(server.counts), sorted(seen.statuses)));
    const own = /^envoy_http_downstream_rq_total\{envoy_http_conn_manager_prefix="front"\} (\d+)$/m.exec(
      body.toString(),
    );
    holds('envoy_http_downstream_rq_total over three hot restarts', () =>
      assert.equal(Number(own?.[1]), seen.durations.length),
    );
    say(`${seen.durations.length} requests over three hot restarts on two threads`);
  } finally {
    process.kill(Number(readFileSync(pid, 'utf8')), 'SIGTERM');
    await proxy.stop();
    server.stop();
  }
}

const address = (port: number): object => ({ socket_address: { address: '127.0.0.1', port_value: port } });

const bootstrap = (port: number, admin: number, app: number): object => ({
  admin: { address: address(admin) },
  static_resources: {
    listeners: [
      {
        name: 'front',
        address: address(port),
        filter_chains: [
          {
            filters: [
              {
                name: 'hcm',
                typed_config: {
                  '@type':
                    'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                  stat_prefix: 'front',
                  route_config: {
                    virtual_hosts: [
                      { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'app' } }] },
                    ],
                  },
                  http_filters: [
                    {
                      name: 'router',
                      typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
    clusters: [
      {
        name: 'app',
        type: 'STATIC',
        load_assignment: {
          cluster_name: 'app',
          endpoints: [{ lb_endpoints: [{ endpoint: { address: address(app) } }] }],
        },
      },
    ],
  },
});

await throughTheMesh();
await throughHotRestarts();
for (const fault of faults) say(`FALSE  ${fault}`);
say(faults.length === 0 ? 'every number is true' : `${faults.length} numbers are false`);
process.exitCode = faults.length === 0 ? 0 : 1;
