/**
 * Ways out of the mesh (e2e/egress-cases/*.yaml): hosts outside that end TLS themselves, and Gateways that lead there. Our engine and Envoy, each as
 * the caller's sidecar and as the Gateway. Without Envoy only our own.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { makeCertificate } from '@weft/testkit/certificates';
import { EchoServer } from '@weft/testkit/echo';
import { TestMesh } from '@weft/testkit/mesh';
import { judgeMeshCase, objectsOf, readMeshCases, toYaml } from '@weft/testkit/mesh-cases';
import { freePort } from '@weft/testkit/ports';
import { SecureEcho } from '@weft/testkit/secure-echo';
import { needs, tool } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const ENGINES = tool('envoy') === undefined ? (['weft'] as const) : (['weft', 'envoy'] as const);
const cases = globSync('egress-cases/*.yaml', { cwd: import.meta.dirname })
  .sort()
  .flatMap((file) =>
    readMeshCases(path.join(import.meta.dirname, file))
      .filter(({ backend }) => tool('envoy') !== undefined || backend?.selector?.app !== 'guarded-envoy')
      .map((one) => ({ topic: path.basename(file, '.yaml'), one })),
  );

/** A child that says where its forward proxy is. */
const TELL_PROXY = ['/bin/sh', '-c', 'echo "proxy=$http_proxy"; exec sleep 1000'];

const wayOut = (engine: string, ports: readonly number[]): unknown => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: `way-out-${engine}`, namespace: 'default' },
  spec: {
    gatewayClassName: 'weft',
    tls: { backend: { clientCertificateRef: { name: 'known' } } },
    listeners: ['mesh', 'streams'].map((name, index) => ({
      name,
      protocol: 'HTTPS',
      port: ports[index],
      tls: { options: { 'weft.dev/certificates': 'Mesh' } },
    })),
  },
});

interface Finding {
  readonly code: string;
  readonly place: { readonly object?: string; readonly path?: string };
}
interface Stated {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { type: string; status: string; reason: string }[] };
}

describe('ways out', { skip: needs('openssl') }, () => {
  const mesh = new TestMesh();
  const echo = new EchoServer('a');
  const line = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (text: string) => socket.write(`line: ${text}`));
  });
  let secure: SecureEcho | undefined;
  const upstreams = new Map<string, number>();
  const proxies = new Map<string, number>();
  /** Ports of its listeners, by engine. */
  const gateways = new Map<string, readonly number[]>();
  /** What stands in cases for what only this run knows. */
  let known: readonly (readonly [string, string])[] = [];

  const filled = <T>(written: T): T =>
    JSON.parse(
      known.reduce(
        (text, [name, value]) => text.replaceAll(name, () => JSON.stringify(value).slice(1, -1)),
        JSON.stringify(written).replaceAll(/"\$(PORT|LINES|SECURE)"/g, '$$$1'),
      ),
    ) as T;

  before(async () => {
    const [authority] = ['authority', 'other-authority'].map((name) => makeCertificate(mesh.folder, name));
    const ca = authority?.cert ?? '';
    const server = (name: string, issuer: string, names: string) =>
      makeCertificate(
        mesh.folder,
        name,
        issuer,
        names
          .split(' ')
          .map((one) => `DNS:${one}`)
          .join(','),
      );
    const right = server(
      'upstream',
      'authority',
      'upstream.example *.wild.localhost *.weft.localhost *.envoy.localhost',
    );
    const strange = server('strange', 'other-authority', '*.strange.localhost');
    const client = makeCertificate(mesh.folder, 'known', 'authority');
    secure = new SecureEcho('outside', {
      certificates: new Map([
        ['', right],
        ['a.strange.localhost', strange],
      ]),
      clientAuthority: ca,
    });
    const [port, outside] = await Promise.all([echo.start(), secure.start()]);
    await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
    const lines = (line.address() as AddressInfo).port;
    known = [
      ['$PORT', String(port)],
      ['$LINES', String(lines)],
      ['$SECURE', String(outside)],
      // What is named there may be this machine; each object lists what no other one does.
      ['$RANGE-weft', '127.0.0.0/30'],
      ['$RANGE-envoy', '127.0.0.0/31'],
      ['$AUTHORITY', ca],
    ];
    for (const engine of ENGINES) gateways.set(engine, [await freePort(), await freePort()]);
    await mesh.up();
    await mesh.apply(
      toYaml([
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } },
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'known', namespace: 'default' },
          type: 'kubernetes.io/tls',
          stringData: { 'tls.crt': client.cert, 'tls.key': client.key },
        },
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'plain', namespace: 'default' }, spec: PLAIN },
        ...[...gateways].map(([engine, at]) => wayOut(engine, at)),
        ...cases.flatMap(({ one }) => objectsOf(one)).map(filled),
      ]),
    );
    mesh.run('--name', 'echo', '--no-service', '--port', `a:${port}/http`, '--port', `line:${lines}/tcp`);
    for (const engine of ENGINES) mesh.gateway('--name', `way-out-${engine}`, '--engine', engine);
    for (const engine of ENGINES)
      for (const account of ['caller', 'stranger']) {
        const args: string[] = [];
        for (const { one } of account === 'caller' ? cases : []) {
          const at = await freePort();
          upstreams.set(`${engine} ${one.service}`, at);
          args.push('--upstream', `${one.service}=${at}`);
        }
        const who = [
          '--name',
          `${account}-${engine}`,
          '--service-account',
          account,
          '--engine',
          engine,
          '--no-service',
        ];
        const started = mesh.run(...who, '--http-proxy', ...args, '--', ...TELL_PROXY);
        proxies.set(`${engine} ${account}`, Number((await started.matching(/proxy=http:\/\/127\.0\.0\.1:(\d+)/))[1]));
      }
    await mesh.synced(1 + 3 * ENGINES.length);
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    await Promise.all([echo.stop(), secure?.stop()]);
    line.close();
  });

  for (const engine of ENGINES)
    describe(`caller on ${engine}`, () => {
      for (const { topic, one } of cases)
        test(`${topic}: ${one.name}`, async () => {
          const ports = {
            upstream: () => upstreams.get(`${engine} ${one.service}`) ?? 0,
            httpProxy: (from: string) => proxies.get(`${engine} ${from}`) ?? 0,
            arriving: () => Promise.reject(new Error('no case arrives here')),
            run: engine,
          };
          let faults: readonly string[] = [];
          // The first of them may come before each process has everything.
          await until(
            async () => {
              faults = await judgeMeshCase(filled(one), ports);
              return faults.length === 0;
            },
            { timeout: 20_000, what: one.name },
          ).catch(() => undefined);
          assert.deepEqual(faults, [], mesh.output());
        });
    });

  test('whoever has no certificate of the mesh gets nothing from the Gateway', async () => {
    for (const [engine, [port = 0]] of gateways) {
      const ended = await new Promise<string>((resolve) => {
        const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
        socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\nhost: api.outside\r\n\r\n'));
        socket.on('data', (bytes) => resolve(`answered ${bytes.toString()}`));
        socket.on('error', () => resolve('closed')).on('close', () => resolve('closed'));
      });
      assert.equal(ended, 'closed', engine);
    }
  });

  test('weft check and conditions say what the cases say', async () => {
    const { findings } = JSON.parse((await mesh.weft('check', '-o', 'json')).stdout) as {
      findings: readonly Finding[];
    };
    const found = findings.filter(({ place }) => place.object !== undefined);
    assert.deepEqual(
      [...new Set(found.map(({ code, place }) => `${place.object}#${place.path} ${code}`))].sort(),
      cases.flatMap(({ one }) => one.findings ?? []).sort(),
    );
    const wanted = new Map(cases.flatMap(({ one }) => Object.entries(one.conditions ?? {})));
    const { items } = JSON.parse((await mesh.weft('get', 'externalservice', '-A', '-o', 'json')).stdout) as {
      readonly items: readonly Stated[];
    };
    for (const { metadata, status } of items)
      for (const [type, expected] of Object.entries(
        wanted.get(`ExternalService/${metadata.name}`) ?? { Accepted: 'True Accepted', Programmed: 'True Programmed' },
      )) {
        const condition = status?.conditions?.find((one) => one.type === type);
        assert.equal(`${condition?.status} ${condition?.reason}`, expected, `${metadata.name} ${type}`);
      }
  });

  test('explain says by which Gateway a host is reached, and who is refused there', async () => {
    for (const engine of ENGINES) {
      const ask = (caller: string, ...more: readonly string[]) =>
        mesh.weft('explain', `${caller}-weft`, `guarded.${engine}.outside`, 'GET', ...more);
      const allowed = await ask('caller', '/');
      assert.equal(allowed.code, 0, allowed.stdout + allowed.stderr);
      assert.match(allowed.stdout, new RegExp(`it leaves the mesh by Gateway default/way-out-${engine}`));
      for (const refused of [await ask('caller', '/secret'), await ask('stranger', '/')]) {
        assert.equal(refused.code, 1, refused.stdout + refused.stderr);
        assert.match(refused.stdout, new RegExp(`Gateway default/way-out-${engine}: `));
        assert.match(refused.stdout, new RegExp(`AccessPolicy/default/guarded-${engine}`));
      }
    }
  });
});

const PLAIN = { selector: { app: 'echo' }, ports: [{ name: 'http', port: 80, targetPort: 'a', appProtocol: 'http' }] };
