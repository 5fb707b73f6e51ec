/**
 * Numbers are true: requests of known outcome from callers of both engines to services of both engines. What the control plane and the proxies'
 * own metrics say is what the clients saw and what the servers counted.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Edge, TrafficCounts } from '@weft/core/traffic';
import { exchange } from '@weft/testkit/http-client';
import { between, byStatus, drive, KnownServer, rank, type Seen, sorted } from '@weft/testkit/known-traffic';
import type { TapRecord } from '@weft/core/tap';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const ENGINES = ['weft', 'envoy'] as const;
type Engine = (typeof ENGINES)[number];

interface Row {
  readonly edge: Edge;
  readonly counts: TrafficCounts;
}

const PER_PAIR = 200;
const LANES = 10;

describe('traffic of both engines', { skip: needs('envoy') }, () => {
  const mesh = new TestMesh();
  const backends = new Map<Engine, KnownServer>();
  const metrics = new Map<string, number>();
  const upstreams = new Map<string, number>();
  const running = new Map<string, TestProcess>();
  const seen = new Map<string, Seen>();

  const rows = async (): Promise<readonly Row[]> => {
    const document = await exchange(
      { socketPath: `${mesh.data}/control.sock` },
      { path: '/weft/v1/traffic?window=5m&reporter=all' },
    );
    assert.equal(document.status, 200, document.body.toString());
    return (JSON.parse(document.body.toString()) as { rows: readonly Row[] }).rows;
  };

  const requests = async (): Promise<number> => (await rows()).reduce((sum, { counts }) => sum + counts.requests, 0);

  const metricsOf = async (workload: string): Promise<string> =>
    (await exchange({ port: metrics.get(workload) ?? 0 }, { path: '/metrics' })).body.toString();

  const find = (all: readonly Row[], reporter: Edge['reporter'], caller: Engine, called: Engine): Row[] =>
    all.filter(
      ({ edge }) =>
        edge.reporter === reporter &&
        edge.source.workload === `caller-${caller}` &&
        edge.destination.workload === `called-${called}`,
    );

  before(async () => {
    await mesh.up();
    for (const engine of ENGINES) {
      const backend = new KnownServer();
      backends.set(engine, backend);
      const port = await backend.start();
      const read = await freePort();
      metrics.set(`called-${engine}`, read);
      const flags = [
        '--name',
        `called-${engine}`,
        '--port',
        `${port}/http`,
        '--engine',
        engine,
        '--metrics',
        String(read),
      ];
      running.set(`called-${engine}`, mesh.run(...flags));
    }
    await mesh.synced(2);
    for (const engine of ENGINES) {
      const read = await freePort();
      metrics.set(`caller-${engine}`, read);
      const ports = await Promise.all(ENGINES.map(() => freePort()));
      const flags = ENGINES.flatMap((called, index) => {
        upstreams.set(`${engine} ${called}`, ports[index] ?? 0);
        return ['--upstream', `called-${called}=${ports[index] ?? 0}`];
      });
      const concurrency = engine === 'weft' ? ['--concurrency', '2'] : [];
      running.set(
        `caller-${engine}`,
        mesh.run('--name', `caller-${engine}`, '--engine', engine, '--metrics', String(read), ...concurrency, ...flags),
      );
    }
    await mesh.synced(4);
    for (const port of upstreams.values()) await mesh.answering(port);
  });

  after(async () => {
    for (const backend of backends.values()) backend.stop();
    await mesh[Symbol.asyncDispose]();
  });

  test('every pair of engines: counts by outcome, octets and quantiles, by both sides', async () => {
    // What `answering` asked is told before anything of known outcome is asked: it ended with the first 200 of each pair.
    const earlier = await until(
      async () => {
        const all = await rows();
        const isTold = (reporter: Edge['reporter'], caller: Engine, called: Engine): boolean =>
          find(all, reporter, caller, called).some(({ counts }) => byStatus(counts).some(([status]) => status === 200));
        const pairs = ENGINES.flatMap((caller) => ENGINES.map((called) => [caller, called] as const));
        return pairs.every((pair) => isTold('source', ...pair) && isTold('destination', ...pair)) ? all : undefined;
      },
      { what: 'the first answers to be told' },
    );
    const before = earlier.reduce((sum, { counts }) => sum + counts.requests, 0);
    for (const backend of backends.values()) backend.counts.clear();

    await Promise.all(
      ENGINES.flatMap((caller, a) =>
        ENGINES.map(async (called, b) =>
          seen.set(
            `${caller} ${called}`,
            await drive({
              port: upstreams.get(`${caller} ${called}`) ?? 0,
              caller,
              requests: PER_PAIR,
              lanes: LANES,
              offset: 1000 * a + 100 * b,
              delay: (index) => 40 + ((index * 37) % 300),
            }),
          ),
        ),
      ),
    );
    const total = 2 * ENGINES.length ** 2 * PER_PAIR;
    await until(async () => (await requests()) - before >= total, {
      what: 'all to be reported',
    }).catch(() => undefined);
    const later = await rows();
    for (const called of ENGINES) {
      const server = new Map<number, number>();
      for (const caller of ENGINES) {
        const client = seen.get(`${caller} ${called}`);
        assert.ok(client !== undefined);
        for (const [status, count] of client.statuses) server.set(status, (server.get(status) ?? 0) + count);
        for (const reporter of ['source', 'destination'] as const) {
          const what = `${caller} to ${called}, told by the ${reporter}`;
          const all = find(later, reporter, caller, called);
          const [row] = all;
          assert.ok(
            row !== undefined && all.length === 1,
            `${what}: ${JSON.stringify(
              later.map(({ edge }) => edge),
              undefined,
              1,
            )}`,
          );
          const expected: Map<number, number> = new Map(client.statuses);
          for (const { counts } of find(earlier, reporter, caller, called))
            for (const [status, count] of byStatus(counts)) expected.set(status, (expected.get(status) ?? 0) + count);
          assert.deepEqual(byStatus(row.counts), sorted(expected), what);
          assert.equal(row.counts.requestBytes, client.sent, what);
          assert.equal(row.counts.responseBytes, client.received, what);
          assert.equal(row.edge.security, 'mutual_tls', what);
          assert.equal(row.edge.service.name, `called-${called}`, what);
          assert.match(row.edge.source.identity, new RegExp(`/ns/default/sa/caller-${caller}$`), what);
          assert.match(row.edge.destination.identity, new RegExp(`/ns/default/sa/called-${called}$`), what);
          const served = backends.get(called)?.durations.get(caller) ?? [];
          for (const q of [0.5, 0.9, 0.99]) between(row.counts, served, client.durations, q, what);
        }
      }
      assert.deepEqual(sorted(backends.get(called)?.counts ?? new Map()), sorted(server), `served by ${called}`);
    }
  });

  test("the proxies' own istio_* series say the same, with the same names and labels on both engines", async () => {
    const names = new Map<string, Set<string>>();
    for (const [workload, port] of metrics) {
      const engine = workload.endsWith('envoy') ? 'envoy' : 'weft';
      const reporter = workload.startsWith('caller') ? 'source' : 'destination';
      const { status, body } = await exchange({ port }, { path: '/metrics' });
      assert.equal(status, 200);
      const text = body.toString();
      assert.match(text, /^envoy_cluster_upstream_rq_total/m, "Envoy's own statistics are beside them");
      for (const other of ENGINES) {
        const [caller, called] = reporter === 'source' ? [engine, other] : [other, engine];
        const client = seen.get(`${caller} ${called}`);
        assert.ok(client !== undefined);
        const sum = new Map<number, number>();
        for (const match of text.matchAll(/^istio_requests_total\{(.*)\} (\d+)$/gm)) {
          const labels = new Map(
            [...(match[1] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
          );
          names.set(engine, new Set([...(names.get(engine) ?? []), ...labels.keys()]));
          assert.equal(labels.get('reporter'), reporter);
          if (
            labels.get('source_workload') !== `caller-${caller}` ||
            labels.get('destination_workload') !== `called-${called}`
          )
            continue;
          const code = Number(labels.get('response_code'));
          sum.set(code, (sum.get(code) ?? 0) + Number(match[2]));
        }
        for (const [code, count] of client.statuses)
          if (code !== 200) assert.equal(sum.get(code), count, `${workload} ${caller} to ${called} ${code}`);
        assert.ok((sum.get(200) ?? 0) >= (client.statuses.get(200) ?? 0));
      }
    }
    assert.deepEqual(names.get('weft'), names.get('envoy'));
  });

  test('a real Prometheus scrapes both engines and answers what the clients saw', {
    skip: needs('prometheus'),
  }, async () => {
    const port = await freePort();
    const targets = [...metrics.values()].map((each) => `'127.0.0.1:${each}'`).join(', ');
    const file = mesh.file(
      `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: weft, static_configs: [{ targets: [${targets}] }] }]\n`,
    );
    const flags = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${mesh.folder}/tsdb`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const prometheus = new TestProcess(toolPath('prometheus'), flags);
    const ask = async (query: string): Promise<[labels: Record<string, string>, value: number][]> => {
      const { body } = await exchange({ port }, { path: `/api/v1/query?query=${encodeURIComponent(query)}` });
      const { data } = JSON.parse(body.toString()) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      return data.result.map(({ metric, value }) => [metric, Number(value[1])]);
    };
    try {
      const up = async (): Promise<boolean> => (await ask('up == 1')).length === metrics.size;
      await until(up, { what: 'all proxies to be scraped' });
      for (const reporter of ['source', 'destination']) {
        const answered = await ask(
          `sum by (source_workload, destination_workload, response_code) (istio_requests_total{reporter="${reporter}",response_code!="200"})`,
        );
        for (const [pair, client] of seen) {
          const [caller = '', called = ''] = pair.split(' ');
          const told = answered.filter(
            ([labels]) =>
              labels['source_workload'] === `caller-${caller}` && labels['destination_workload'] === `called-${called}`,
          );
          const codes: Map<number, number> = new Map(
            told.map(([labels, value]) => [Number(labels['response_code']), value]),
          );
          assert.deepEqual(
            sorted(codes),
            sorted(client.statuses).filter(([code]) => code !== 200),
            `${pair}, ${reporter}`,
          );
        }
      }
      const medians = await ask(
        'histogram_quantile(0.5, sum by (source_workload, destination_workload, le) (istio_request_duration_milliseconds_bucket{reporter="source"}))',
      );
      for (const [pair, client] of seen) {
        const [caller = '', called = ''] = pair.split(' ');
        const told = medians.find(
          ([labels]) =>
            labels['source_workload'] === `caller-${caller}` && labels['destination_workload'] === `called-${called}`,
        )?.[1];
        const served = backends.get(called as Engine)?.durations.get(caller) ?? [];
        assert.ok(told !== undefined);
        assert.ok(told >= rank(served, 0.5) * 0.95 && told <= rank(client.durations, 0.5) * 1.05, `${pair}: ${told}`);
      }
    } finally {
      prometheus.signal('SIGTERM');
      await prometheus.ended();
    }
  });

  test('what callers write stays text: a tap shows it harmless and cut, secrets hidden, and no series is made of it', async () => {
    const before = await rows();
    for (const caller of ENGINES) {
      const port = upstreams.get(`${caller} weft`) ?? 0;
      const tap = new TestProcess(WEFT, ['tap', `caller-${caller}`, '--path', '/evil', '-o', 'json', '--max', '3'], {
        env: mesh.env,
      });
      const table = new TestProcess(WEFT, ['tap', `called-weft`, '--path', '/evil', '--max', '3'], { env: mesh.env });
      await table.matching(/1 proxy of called-weft/);
      const series = async (): Promise<number> =>
        [...(await metricsOf(`caller-${caller}`)).matchAll(/^istio_requests_total/gm)].length;
      const known = await series();
      const ask = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
        (await exchange({ port }, { path, headers })).status;
      // A tap is open a moment after it was asked for: until then what is sent is not shown.
      await until(
        async () => {
          await ask('/evil<script>alert(1)</script>?token=hunter2&x', {
            'user-agent': '\u009b31mred',
            authorization: 'Bearer hunter2',
            cookie: 'session=hunter2',
          });
          await ask(`/evil${'x'.repeat(10_000)}`, { 'x-long': 'y'.repeat(10_000) });
          return tap.exit !== undefined && table.exit !== undefined;
        },
        { what: 'three exchanges in both taps' },
      );
      const shown = tap.stdout.trim().split('\n');
      assert.equal(shown.length, 3);
      for (const text of [...shown, ...table.stdout.trim().split('\n')]) {
        // oxlint-disable-next-line no-control-regex
        assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f]/);
        assert.doesNotMatch(text, /hunter2/);
        assert.ok(text.length < 4000, `${text.length}`);
      }
      const first = shown.map((line) => JSON.parse(line) as TapRecord).find(({ path }) => path.includes('script'));
      assert.ok(first !== undefined);
      // Normalising a path writes `<` as %3C.
      assert.equal(decodeURIComponent(first.path), '/evil<script>alert(1)</script>?token=<redacted>&x');
      assert.equal(first.peer, 'default/called-weft');
      assert.equal(first.secured, true);
      const agent = first.headers.find(([name]) => name === 'user-agent')?.[1];
      assert.match(agent ?? '', /^\\x9b31mred$|^\ufffd31mred$|31mred$/);
      const paths = Array.from({ length: 500 }, (_, index) => `/200/0/1/${caller}/${index}-${'z'.repeat(index)}`);
      for (let index = 0; index < paths.length; index += 25)
        await Promise.all(paths.slice(index, index + 25).map((path) => ask(path, { host: `h${index}.example` })));
      assert.ok((await series()) <= known + 1, 'no series of paths, hosts or headers');
    }
    const after = await rows();
    assert.deepEqual(
      new Set(after.map(({ edge }) => JSON.stringify(edge))),
      new Set(before.map(({ edge }) => JSON.stringify(edge))),
    );
  });

  test('stat, edges, graph, top and logs, as a user asks them', async () => {
    const stat = await mesh.weft('stat', '--window', '5m');
    assert.match(stat.stdout, /^NAMESPACE +NAME +SUCCESS +RPS +P50 +P95 +P99 +MTLS\n/);
    assert.match(stat.stdout, /^default +called-envoy +\d+\.\d\d% +[\d.]+ +\d+(?:\.\d)?ms .* all$/m);
    const to = await mesh.weft('stat', 'workload/caller-weft', '--to', 'called-envoy', '--window', '5m', '-o', 'json');
    const [{ summary }] = (JSON.parse(to.stdout) as { rows: [{ summary: { requests: number; failures: number } }] })
      .rows;
    const client = seen.get('weft envoy');
    assert.ok(client !== undefined && summary.requests >= PER_PAIR);
    assert.equal(summary.failures, client.statuses.get(500));
    const edges = await mesh.weft('edges', '--window', '5m', '-o', 'wide');
    assert.match(
      edges.stdout,
      /^default\/caller-envoy +default\/called-weft +http +all .*sa\/caller-envoy +spiffe:.*sa\/called-weft$/m,
    );
    assert.ok(!edges.stdout.includes('\u001b'), 'no colour where there is no terminal');
    const dot = await mesh.weft('graph', '--window', '5m', '-o', 'dot');
    assert.match(dot.stdout, /^digraph mesh \{[^]*n\d -> n\d \[label="[\d.]+ rps .*style=solid/);
    const mermaid = await mesh.weft('graph', '--window', '5m');
    assert.match(mermaid.stdout, /^graph LR\n {2}n0\["default\/called-envoy"\]/);
    const top = new TestProcess(WEFT, ['top', 'called-weft', '--for', '3s', '-o', 'json'], { env: mesh.env });
    const log = new TestProcess(WEFT, ['logs', 'called-weft', '--max', '1'], { env: mesh.env });
    const port = upstreams.get('envoy weft') ?? 0;
    await until(async () => {
      await exchange({ port }, { path: '/200/0/1/top', headers: { 'user-agent': 'me' } });
      return top.exit !== undefined && log.exit !== undefined;
    });
    const [row] = (JSON.parse(top.stdout) as { rows: { path: string; from: string; count: number }[] }).rows;
    assert.deepEqual([row?.path, row?.from], ['/200/0/1/top', 'default/caller-envoy']);
    assert.match(
      log.stdout,
      /^\[.*Z\] default\/called-weft-\w{5} inbound "GET \/200\/0\/1\/top HTTP\/\S+" 200 - via_upstream 0 1 \d+ "me" /,
    );
    const scrape = await exchange({ socketPath: `${mesh.data}/control.sock` }, { path: '/metrics' });
    assert.match(scrape.body.toString(), /^weft_traffic_reporters 4$/m);
    const nobody = await mesh.weft('tap', 'nobody');
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /no proxy of default\/nobody reports/);
  });

  test('a proxy that is restarted is counted on', async () => {
    // Of a status that nothing else has.
    const told = async (caller: Engine): Promise<number> =>
      (await rows())
        .filter(({ edge }) => edge.reporter === 'source' && edge.source.workload === `caller-${caller}`)
        .flatMap(({ counts }) => byStatus(counts))
        .reduce((sum, [status, count]) => (status === 206 ? sum + count : sum), 0);
    for (const caller of ENGINES) {
      const port = upstreams.get(`${caller} weft`) ?? 0;
      for (let index = 0; index < 25; index += 1)
        assert.equal((await exchange({ port }, { path: '/206/0/1' })).status, 206);
      const process = running.get(`caller-${caller}`);
      process?.signal('SIGTERM');
      await process?.ended();
      assert.equal(await told(caller), 25, caller);
    }
  });
});
