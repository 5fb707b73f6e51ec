/**
 * A real Kiali draws the mesh from a real Prometheus that scrapes both engines: who calls whom, how much, with what answers, locks. Kiali runs in
 * its offline mode, with a Kubernetes of two namespaces in a file; its questions to Prometheus, and what it makes of the answers, are its own.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePorts } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const INTEGRATIONS = path.resolve(import.meta.dirname, '../integrations');
const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');

interface Graph {
  readonly elements: {
    readonly nodes?: readonly { readonly data: Readonly<Record<string, unknown>> & { readonly id: string } }[];
    readonly edges?: readonly {
      readonly data: {
        readonly source: string;
        readonly target: string;
        readonly isMTLS?: string;
        readonly responseTime?: string;
        readonly sourcePrincipal?: string;
        readonly destPrincipal?: string;
        readonly traffic: {
          readonly protocol: string;
          readonly rates: Readonly<Record<string, string>>;
          readonly responses: Readonly<Record<string, { readonly flags: Readonly<Record<string, string>> }>>;
        };
      };
    }[];
  };
}

const skip =
  needs('kiali', 'prometheus', 'envoy') === false
    ? false
    : 'needs kiali, prometheus and envoy: docs/backends/kiali.md says how Kiali is built';

describe('Kiali', { skip, timeout: 240_000 }, () => {
  const mesh = new TestMesh();
  const ledger = net.createServer((socket) => void socket.on('error', () => undefined).pipe(socket));
  const programs: TestProcess[] = [];
  let visits: NodeJS.Timeout | undefined;
  let kiali = 0;

  before(async () => {
    const up = await mesh.up();
    const [, address = ''] = await up.matching(/(127\.0\.0\.1:\d+)/);
    const [app = 0, web = 0, shop = 0, tcp = 0, gone = 0, prometheus = 0, asked = 0, ...read] = await freePorts(11);
    kiali = asked;
    const echo = await new Promise<number>((resolve) =>
      ledger.listen(0, '127.0.0.1', () => resolve((ledger.address() as net.AddressInfo).port)),
    );
    const hello = ['/usr/bin/env', `PORT=${app}`, 'NAME=a', process.execPath, HELLO];
    const at = (index: number): string[] => ['--metrics', `127.0.0.1:${read[index]}`];
    mesh.run('--name', 'orders', '--port', `${app}/http`, ...at(0), '--', ...hello);
    await mesh.apply(
      'apiVersion: v1\nkind: Service\nmetadata: { name: gone }\nspec: { selector: { app: gone }, ports: [{ name: http, port: 80 }] }\n',
    );
    mesh.run('--name', 'ledger', '--port', `${echo}/tcp`, ...at(1));
    const calls = [`orders=${web}`, `ledger=${tcp}`, `gone=${gone}`].flatMap((upstream) => ['--upstream', upstream]);
    mesh.run('--name', 'web', '--version', 'v2', ...at(2), ...calls);
    mesh.run('--name', 'shop', '--engine', 'envoy', ...at(3), '--upstream', `orders=${shop}`);
    await mesh.synced(4);
    for (const port of [web, shop]) await mesh.answering(port);
    visits = setInterval(() => {
      for (const port of [web, shop, gone]) void exchange({ port }, { path: '/hello' }).catch(() => undefined);
      net
        .connect(tcp, '127.0.0.1')
        .on('error', () => undefined)
        .end('a line');
    }, 50);
    const token = mesh.file(
      (await mesh.weft('token', 'create', '--api-user', 'prometheus', '--role', 'view')).stdout.trim(),
    );
    const relabel = readFileSync(path.join(INTEGRATIONS, 'kiali/metric-relabel.yaml'), 'utf8');
    const scrape = readFileSync(path.join(INTEGRATIONS, 'prometheus/prometheus.yaml'), 'utf8')
      .replaceAll('HOST:PORT', address)
      .replaceAll('/etc/prometheus/weft-token', token)
      .replaceAll('/etc/prometheus/weft-root.pem', path.join(mesh.data, 'authority/root.pem'))
      .replaceAll('15s', '1s')
      .replace('    relabel_configs:', `${relabel.replaceAll(/^(?=.)/gm, '    ')}    relabel_configs:`);
    programs.push(
      new TestProcess(toolPath('prometheus'), [
        `--config.file=${mesh.file(scrape)}`,
        `--storage.tsdb.path=${mesh.folder}/tsdb`,
        `--web.listen-address=127.0.0.1:${prometheus}`,
      ]),
    );
    const data = path.join(mesh.folder, 'kubernetes');
    mkdirSync(data);
    const namespace = (name: string): string => `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`;
    writeFileSync(path.join(data, 'namespaces.yaml'), `${namespace('default')}---\n${namespace('istio-system')}`);
    writeFileSync(path.join(data, 'offline-manifest.json'), '{"cluster":"Kubernetes"}');
    const conf = mesh.file(
      `server: { address: 127.0.0.1, port: ${kiali} }\nexternal_services: { prometheus: { url: "http://127.0.0.1:${prometheus}" } }\n`,
    );
    const flags = ['run', 'offline', '--config', conf, '--data-path', data, '--without-browser'];
    programs.push(new TestProcess(toolPath('kiali'), flags));
  });

  after(async () => {
    clearInterval(visits);
    ledger.close();
    for (const program of programs) await program.stop();
    await mesh[Symbol.asyncDispose]();
  });

  /** Edges as `FROM -> TO`. */
  const graph = async (type: string): Promise<Map<string, NonNullable<Graph['elements']['edges']>[number]['data']>> => {
    const query = `namespaces=default&graphType=${type}&duration=30s&appenders=responseTime,securityPolicy`;
    const { status, body } = await exchange({ port: kiali }, { path: `/api/namespaces/graph?${query}` }).catch(() => ({
      status: 0,
      body: Buffer.alloc(0),
    }));
    if (status !== 200) return new Map();
    const { nodes = [], edges = [] } = (JSON.parse(body.toString()) as Graph).elements;
    const named = new Map(nodes.map(({ data: { id, workload, app, service } }) => [id, workload ?? app ?? service]));
    return new Map(
      edges.map(({ data }) => [`${String(named.get(data.source))} -> ${String(named.get(data.target))}`, data]),
    );
  };

  for (const type of ['workload', 'app', 'service'])
    test(`its ${type} graph: each call once, with rate, answers and lock`, async () => {
      const wanted = ['shop -> orders', 'web -> gone', 'web -> ledger', 'web -> orders'];
      const found = await until(
        async () => {
          const edges = await graph(type);
          const rate = (name: string): number => Number(edges.get(name)?.traffic.rates['http'] ?? 0);
          // A window of thirty seconds that is full.
          const full =
            wanted.every((name) => edges.has(name)) && Math.min(rate(wanted[0] ?? ''), rate('web -> orders'));
          return full !== false && full > 5 ? edges : undefined;
        },
        { timeout: 120_000, what: 'a graph of all calls' },
      );
      assert.deepEqual([...found.keys()].toSorted(), wanted);
      for (const caller of ['shop', 'web']) {
        const edge = found.get(`${caller} -> orders`) ?? assert.fail();
        assert.deepEqual([edge.traffic.protocol, edge.isMTLS], ['http', '100']);
        assert.deepEqual(Object.keys(edge.traffic.responses), ['200']);
        // Twenty visits a second, of which a busy machine makes fewer; twice as many would be both sides'.
        assert.ok(Number(edge.traffic.rates['http']) < 25, edge.traffic.rates['http']);
        assert.deepEqual(
          [edge.sourcePrincipal, edge.destPrincipal],
          [`spiffe://weft.local/ns/default/sa/${caller}`, 'spiffe://weft.local/ns/default/sa/orders'],
        );
      }
      const failing = found.get('web -> gone') ?? assert.fail();
      assert.equal(failing.traffic.rates['httpPercentErr'], '100.0');
      assert.deepEqual(failing.traffic.responses['503']?.flags, { UH: '100.0' });
      const line = found.get('web -> ledger') ?? assert.fail();
      assert.deepEqual([line.traffic.protocol, line.isMTLS], ['tcp', '100']);
      assert.ok(Number(line.traffic.rates['tcp']) > 0);
    });
});
