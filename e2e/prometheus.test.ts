/**
 * What integrations/ ships, used as it is: a real Prometheus with its scrape configuration finds both engines' proxies and the control plane, and
 * every query of the Grafana dashboards is answered, by it and by the control plane's own store.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort, freePorts } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { kialiQueries } from './kiali/queries.ts';

const INTEGRATIONS = path.resolve(import.meta.dirname, '../integrations');
const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}
interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
}
interface Exemplars {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly {
    readonly labels: { readonly trace_id: string };
    readonly value: string;
    readonly timestamp: number;
  }[];
}
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
}

const dashboards = globSync('grafana/dashboards/*.json', { cwd: INTEGRATIONS }).map(
  (file) => JSON.parse(readFileSync(path.join(INTEGRATIONS, file), 'utf8')) as Dashboard,
);

/** Panels that show nothing while all goes well, or of what this mesh does not carry. */
const QUIET = new Set([
  'Response flags, a second',
  'TCP sent to callers, octets a second',
  'TCP connections opened a second',
  'Resources that proxies refused',
  'Callers refused, by reason',
  'From a change until a proxy holds it',
]);

const NOBODY_SERVES = `
apiVersion: v1
kind: Service
metadata: { name: gone }
spec: { selector: { app: gone }, ports: [{ name: http, port: 80 }] }
`;

const TRACED = `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, tracing: { sampling: "100" } }
`;

const kialiRelabel = readFileSync(path.join(INTEGRATIONS, 'kiali/metric-relabel.yaml'), 'utf8');
const indented = (yaml: string): string => yaml.replaceAll(/^(?=.)/gm, '    ');

/** As Grafana does with everything chosen. */
const filledIn = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(?:namespace|service|workload)\b/g, '.*');

describe('Prometheus and Grafana', { skip: needs('prometheus', 'envoy'), timeout: 400_000 }, () => {
  const mesh = new TestMesh();
  let prometheus: TestProcess;
  let port = 0;
  let visits: NodeJS.Timeout | undefined;
  const ledger = net.createServer((socket) => socket.pipe(socket));
  const metrics: number[] = [];

  const asked = async (query: string, own: boolean): Promise<readonly Series[]> => {
    const search = `query=${encodeURIComponent(query)}`;
    const { status, body } = own
      ? await exchange(
          { socketPath: `${mesh.data}/control.sock` },
          { path: `/weft/v1/prometheus/api/v1/query?${search}` },
        )
      : await exchange({ port }, { path: `/api/v1/query?${search}` });
    assert.equal(status, 200, `${query}: ${body.toString()}`);
    return (JSON.parse(body.toString()) as { data: { result: readonly Series[] } }).data.result;
  };

  before(async () => {
    const up = await mesh.up();
    const [, address = ''] = await up.matching(/(127\.0\.0\.1:\d+)/);
    const [app = 0, upstream = 0, other = 0, tcp = 0, gone = 0, ...read] = await freePorts(9);
    const echo = await new Promise<number>((resolve) =>
      ledger.listen(0, '127.0.0.1', () => resolve((ledger.address() as net.AddressInfo).port)),
    );
    metrics.push(...read);
    const hello = ['/usr/bin/env', `PORT=${app}`, 'NAME=a', process.execPath, HELLO];
    mesh.run('--name', 'orders', '--port', `${app}/http`, '--metrics', String(read[0]), '--', ...hello);
    await mesh.apply(NOBODY_SERVES);
    await mesh.apply(TRACED);
    mesh.run('--name', 'ledger', '--port', `${echo}/tcp`, '--metrics', String(read[3]));
    mesh.run(
      '--name',
      'web',
      '--version',
      'v2',
      '--metrics',
      String(read[1]),
      '--upstream',
      `orders=${upstream}`,
      '--upstream',
      `ledger=${tcp}`,
      '--upstream',
      `gone=${gone}`,
    );
    mesh.run(
      '--name',
      'shop',
      '--engine',
      'envoy',
      '--metrics',
      `127.0.0.1:${read[2]}`,
      '--upstream',
      `orders=${other}`,
    );
    await mesh.synced(4);
    await mesh.answering(upstream);
    await mesh.answering(other);
    visits = setInterval(() => {
      for (const caller of [upstream, other, gone])
        void exchange({ port: caller }, { path: '/hello' }).catch(() => undefined);
      net
        .connect(tcp, '127.0.0.1')
        .on('error', () => undefined)
        .end('a line');
    }, 50);

    const token = mesh.file(
      (await mesh.weft('token', 'create', '--api-user', 'prometheus', '--role', 'view')).stdout.trim(),
    );
    const scrape = readFileSync(path.join(INTEGRATIONS, 'prometheus/prometheus.yaml'), 'utf8')
      .replaceAll('HOST:PORT', address)
      .replaceAll('/etc/prometheus/weft-token', token)
      .replaceAll('/etc/prometheus/weft-root.pem', path.join(mesh.data, 'authority/root.pem'))
      .replaceAll('15s', '1s')
      .replace('    relabel_configs:', `${indented(kialiRelabel)}    relabel_configs:`);
    port = await freePort();
    prometheus = new TestProcess(toolPath('prometheus'), [
      `--config.file=${mesh.file(scrape)}`,
      `--storage.tsdb.path=${mesh.folder}/tsdb`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
    ]);
  });

  after(async () => {
    clearInterval(visits);
    ledger.close();
    await prometheus.stop();
    await mesh[Symbol.asyncDispose]();
  });

  test('the scrape configuration finds every proxy and the control plane', async () => {
    const up = await until(
      async () => {
        const found = await asked('up == 1', false);
        return found.length >= 5 ? found : undefined;
      },
      { timeout: 60_000, what: 'five targets to be up' },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${prometheus.stdout}${prometheus.stderr}`, { cause: error });
    });
    assert.deepEqual(
      up
        .map(({ metric: { job, namespace = '', workload = '', mesh: name = '', instance = '' } }) =>
          [job, namespace, workload, name, metrics.indexOf(Number(instance.split(':')[1]))].join(' '),
        )
        .sort(),
      [
        'weft-control-plane    -1',
        'weft-proxies default ledger default 3',
        'weft-proxies default orders default 0',
        'weft-proxies default shop default 2',
        'weft-proxies default web default 1',
      ],
    );
  });

  test('every query of the dashboards has an answer', async () => {
    assert.equal(dashboards.length, 4);
    for (const { uid, panels } of dashboards)
      for (const { title, targets } of panels)
        for (const { expr } of targets)
          for (const own of [false, true]) {
            // Envoy's own statistics are with the proxies alone.
            if (own && uid === 'weft-proxies') continue;
            const query = filledIn(expr);
            const answered = until(
              async () => {
                const result = await asked(query, own);
                return result.some(({ value }) => !Number.isNaN(Number(value[1]))) || QUIET.has(title);
              },
              { timeout: 40_000, what: `${uid}, ${title}, ${own ? 'own store' : 'Prometheus'}: ${query}` },
            );
            await answered;
          }
  });

  test('buckets of durations name traces that `weft traces` knows, of both engines and both sides', async () => {
    const exemplars = async (matchers: string, own = false): Promise<readonly Exemplars[]> => {
      const query = new URLSearchParams({
        query: `istio_request_duration_milliseconds_bucket{${matchers}}`,
        start: String(Date.now() / 1000 - 600),
        end: String(Date.now() / 1000 + 60),
      });
      const path = `/api/v1/query_exemplars?${query}`;
      const { status, body } = own
        ? await exchange({ socketPath: `${mesh.data}/control.sock` }, { path: `/weft/v1/prometheus${path}` })
        : await exchange({ port }, { path });
      assert.equal(status, 200, body.toString());
      return (JSON.parse(body.toString()) as { data: readonly Exemplars[] }).data;
    };
    const known = async (id: string): Promise<boolean> => {
      const { code, stdout } = await mesh.weft('trace', id, '-o', 'json');
      return code === 0 && stdout.includes(id);
    };
    for (const side of [
      'source_workload="web",reporter="source"',
      'source_workload="shop",reporter="source"',
      'reporter="destination"',
    ])
      await until(
        async () => {
          const found = (await exemplars(`${side},response_code="200"`)).flatMap((each) => each.exemplars);
          for (const { labels, value } of found) {
            assert.match(labels.trace_id, /^[0-9a-f]{32}$/);
            assert.ok(Number(value) >= 0);
          }
          for (const { labels } of found.slice(-3)) if (await known(labels.trace_id)) return true;
          return false;
        },
        { timeout: 40_000, what: `an exemplar of ${side} whose trace is kept` },
      );
    // The store's own: the same form, and the same of a trace that both have.
    await until(
      async () => {
        const side = 'source_workload="web",reporter="source",destination_workload="orders"';
        const [theirs, ours] = [await exemplars(side), await exemplars(side, true)].map((told) =>
          told.flatMap(({ seriesLabels, exemplars: all }) => all.map((each) => ({ seriesLabels, ...each }))),
        );
        for (const one of ours ?? []) {
          const same = theirs?.find(({ labels }) => labels.trace_id === one.labels.trace_id);
          if (same === undefined) continue;
          const { seriesLabels, value, timestamp, ...rest } = one;
          assert.deepEqual(Object.keys(same).sort(), Object.keys(one).sort());
          assert.deepEqual(rest.labels, same.labels);
          // Durations travel in whole microseconds, times in whole milliseconds.
          assert.ok(Math.abs(Number(value) - Number(same.value)) <= 0.001, `${value} ${same.value}`);
          assert.ok(Math.abs(timestamp - same.timestamp) <= 0.001, `${timestamp} ${same.timestamp}`);
          assert.ok(Number(value) <= Number(seriesLabels['le']));
          for (const name of ['__name__', 'source_workload', 'destination_workload', 'reporter'])
            assert.equal(seriesLabels[name], same.seriesLabels[name]);
          return true;
        }
        return false;
      },
      { timeout: 40_000, what: 'an exemplar that Prometheus and the own store have' },
    );
  });

  test('both say the same of success and of who calls', async () => {
    for (const own of [false, true]) {
      const callers = await asked('sum by (source_workload) (rate(istio_requests_total{reporter="source"}[1m]))', own);
      assert.deepEqual(callers.map(({ metric }) => metric['source_workload']).sort(), ['shop', 'web']);
      const success = filledIn(
        (dashboards.find(({ uid }) => uid === 'weft-services')?.panels[0]?.targets[0]?.expr ?? '').replaceAll(
          '$service',
          'orders',
        ),
      );
      // Requests from before the service was there leave the minute that is asked about.
      await until(async () => Number((await asked(success, own))[0]?.value[1]) === 1, {
        timeout: 90_000,
        what: `${success} to be 1, ${own ? 'own store' : 'Prometheus'}`,
      });
    }
  });

  test('what Kiali asks has an answer with every label that it needs; both sides of a call tell the same of it', async () => {
    for (const { name, expr, labels, own } of kialiQueries('default', 'Kubernetes', '30s'))
      for (const ofOwn of own ? [false, true] : [false]) {
        const found = await until(
          async () => {
            const series = await asked(expr, ofOwn);
            return series.length > 0 ? series : undefined;
          },
          { timeout: 40_000, what: `${name}, ${ofOwn ? 'own store' : 'Prometheus'}: ${expr}` },
        );
        for (const { metric } of found)
          for (const label of labels.filter((each) => !ofOwn || !each.endsWith('_cluster')))
            assert.notEqual(metric[label] ?? '', '', `${name}: ${label} in ${JSON.stringify(metric)}`);
      }
    // Kiali counts once what callers and called tell when it has the same names of both ends.
    const ends = (reporter: string): Promise<readonly Series[]> =>
      asked(
        `sum by (source_workload,source_canonical_service,source_canonical_revision,destination_workload,destination_canonical_service,destination_canonical_revision) (istio_requests_total{reporter="${reporter}",destination_workload="orders"})`,
        false,
      );
    const told = async (reporter: string): Promise<string[]> =>
      (await ends(reporter)).map(({ metric }) => JSON.stringify(metric, Object.keys(metric).sort())).sort();
    assert.deepEqual(await told('source'), await told('destination'));
  });
});
