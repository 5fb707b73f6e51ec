/**
 * A whole mesh's behaviour cases (e2e/mesh-cases/*.yaml): the same objects and requests with our engine and with real Envoy as the
 * caller's sidecar. One control plane, one set of backends and one caller an engine for all cases.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import {
  GUARDED,
  guardedBackend,
  judgeMeshCase,
  NAMESPACE,
  objectsOf,
  readMeshCases,
  sharedObjects,
  toYaml,
} from '@weft/testkit/mesh-cases';
import { freePort } from '@weft/testkit/ports';
import type { TestProcess } from '@weft/testkit/process';
import { ServiceServer } from '@weft/testkit/services';
import { greeting, StreamServer, TunnelServer } from '@weft/testkit/streams';
import { tool } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const ENGINES = tool('envoy') === undefined ? (['weft'] as const) : (['weft', 'envoy'] as const);
type Engine = 'weft' | 'envoy';
const files = globSync('mesh-cases/*.yaml', { cwd: import.meta.dirname }).sort();
const cases = files.flatMap((file) =>
  readMeshCases(path.join(import.meta.dirname, file))
    .filter(({ backend }) => tool('envoy') !== undefined || backend?.selector?.app?.endsWith('-envoy') !== true)
    .map((one) => ({ topic: path.basename(file, '.yaml'), one })),
);
/** Kinds that routes name: what the proxies hold is theirs. */
const OF_ROUTES: ReadonlySet<string> = new Set(['Extension', 'HTTPRouteFilter']);
const ACCEPTED = { Accepted: 'True Accepted' };
const PROGRAMMED = { ...ACCEPTED, Programmed: 'True Programmed' };
/** Services that the stranger calls too. */
const strange = cases.filter(({ one }) => one.requests?.some(({ from }) => from === 'stranger') === true);
/** Services that the caller with a Visibility asks for. */
const narrowly = cases.filter(({ one }) => one.requests?.some(({ from }) => from === 'narrow') === true);
const CONTEXT = `
apiVersion: v1
kind: Namespace
metadata: { name: elsewhere }
---
apiVersion: v1
kind: Namespace
metadata: { name: narrow }
---
apiVersion: v1
kind: Namespace
metadata: { name: lenient }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, access: { namespaces: { lenient: { default: Deny } } } }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: soft }
spec: { trustDomain: soft.local, mtls: { mode: Permissive } }
---
apiVersion: v1
kind: Namespace
metadata: { name: soft, labels: { weft.dev/mesh: soft } }
---
`;

/** Of the mesh that CONTEXT makes. */
const PERMISSIVE = 'Mesh/soft#spec.mtls.mode plaintext-accepted';

interface Finding {
  readonly code: string;
  readonly severity: string;
  readonly place: { readonly object?: string; readonly path?: string };
}
interface Stated {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly parents?: readonly { readonly conditions: readonly Condition[] }[];
  };
}
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** A child that says where its forward proxy is. */
const TELL_PROXY = ['/bin/sh', '-c', 'echo "proxy=$http_proxy"; exec sleep 1000'];

/** Answers `line: TEXT` to each line. */
const lineServer = (): net.Server =>
  net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (text: string) => socket.write(`line: ${text}`));
  });

const listening = (server: net.Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

describe('mesh cases', () => {
  const mesh = new TestMesh();
  const echoes = ['a', 'b', 'c', 'good'].map((name) => new EchoServer(name));
  /** More, so that each port of a guarded workload is a port of its own. */
  const behind = GUARDED.map((name) => new EchoServer(guardedBackend(name) ?? ''));
  /** Behind the ports for load balancers: two of the permissive mesh, one of the strict one. */
  const fronted = ['told', 'elsewhere', 'strict'].map((name) => new EchoServer(name));
  const speaking2 = [new EchoServer('h2', 'http2'), new EchoServer('guarded-h2', 'http2')];
  const bad = http.createServer((_, response) => response.writeHead(503, { 'x-backend': 'bad' }).end());
  const line = lineServer();
  const tunnel = new TunnelServer('http1');
  /** They speak before their clients do. */
  const greeters = ['first', 'greets'].map((name) => new StreamServer(greeting(name)));
  const authorizer = new ServiceServer();
  /** `engine from service` to a local port. */
  const local = new Map<string, number>();
  /** By engine and caller. */
  const httpProxies = new Map<string, number>();
  let soft: TestProcess | undefined;
  /** `$PORT` of the cases. */
  let echoPort = 0;
  /** `$EXPOSED-ENGINE` of the cases: a free port for what the balanced workload of that engine exposes. */
  const exposedPorts = new Map<Engine, number>();
  const filled = (text: string): string =>
    [...exposedPorts].reduce((sum, [engine, port]) => sum.replaceAll(`$EXPOSED-${engine}`, String(port)), text);

  before(async () => {
    const [a = 0, b = 0, c = 0, good = 0] = await Promise.all(echoes.map((echo) => echo.start()));
    echoPort = a;
    const guarded = await Promise.all(behind.map((echo) => echo.start()));
    const [told = 0, elsewhere = 0, strict = 0] = await Promise.all(fronted.map((echo) => echo.start()));
    const [first = 0, greets = 0] = await Promise.all(greeters.map((one) => one.start()));
    const [h2 = 0, guardedH2 = 0] = await Promise.all(speaking2.map((echo) => echo.start()));
    const [badPort, linePort] = await Promise.all([listening(bad), listening(line)]);
    const [authorizes, tunnels] = await Promise.all([authorizer.start(), tunnel.start()]);
    for (const engine of ENGINES) exposedPorts.set(engine, await freePort());
    await mesh.up();
    await mesh.apply(
      filled(CONTEXT + toYaml([...sharedObjects(), ...cases.flatMap(({ one }) => objectsOf(one))]))
        .replaceAll('$PORT', String(a))
        .replaceAll('$LINES', String(linePort))
        .replaceAll('$TUNNEL', String(tunnels))
        .replaceAll('$AUTHORIZER', String(authorizes)),
    );
    const ports = (numbers: Readonly<Record<string, number>>): string[] =>
      Object.entries(numbers).flatMap(([name, port]) => [
        '--port',
        `${name}:${port}/${name.startsWith('line') ? 'tcp' : name.startsWith('auto') ? 'auto' : name === 'h2' ? 'http2' : name === 'calls' ? 'grpc' : 'http'}`,
      ]);
    const pair = ['--label', 'pair=yes', '--no-service'];
    const rack = (name: string): string[] => ['--label', `rack=${name}`];
    mesh.run(
      '--name',
      'echo',
      '--locality',
      'eu/b',
      ...rack('one'),
      ...pair,
      ...ports({ a, b, c, h2, pair: good, line: linePort }),
    );
    for (const engine of ENGINES) {
      const numbers = Object.fromEntries(GUARDED.map((name, index) => [name, guarded[index] ?? 0]));
      const args = ['--name', `guarded-${engine}`, '--engine', engine, '--no-service', '--locality', 'eu/a'];
      const failing = engine === 'weft' ? ['--label', 'pair=yes', ...rack('two'), ...ports({ pair: badPort })] : [];
      mesh.run(...args, ...failing, ...ports({ ...numbers, calls: guardedH2, lines: linePort }));
      const apart = ['--name', `balanced-${engine}`, '--engine', engine, '--no-service'];
      // An application's port once a workload.
      mesh.run(
        ...apart,
        ...ports({ strict, moving: good, moved: b, bare: told, bounded: a, overridden: c, exposed: elsewhere }),
      );
      mesh.run(...apart, '--namespace', 'soft', ...ports({ told, elsewhere, lines: linePort, bounded: a }));
      const detected = ['--name', `detected-${engine}`, '--engine', engine, '--no-service'];
      mesh.run(
        ...detected,
        ...ports({ auto: a, autoh2: h2, autofirst: first, autorules: b, autosoft: c, autogreets: greets }),
      );
      const lenient = ['--name', `lenient-${engine}`, '--namespace', 'lenient', '--engine', engine, '--no-service'];
      mesh.run(...lenient, ...ports({ open: a, own: b, shut: c }));
    }
    const counts = await freePort();
    mesh.run('--name', 'authorizer', '--port', `${authorizes}/grpc`);
    const counting = [WEFT, 'limiter', '--listen', `127.0.0.1:${counts}`];
    mesh.run('--name', 'limiter', '--port', `${counts}/grpc`, '--', ...counting);
    soft = mesh.run('--name', 'soft', '--namespace', 'soft', '--port', `${a}/http`);
    for (const engine of ENGINES) {
      const upstreams: string[] = [];
      for (const { one } of cases) {
        const port = await freePort();
        local.set(`${engine} caller ${one.service}`, port);
        upstreams.push('--upstream', `${one.service}=${port}`);
      }
      const caller = [
        '--name',
        `caller-${engine}`,
        '--service-account',
        'caller',
        '--engine',
        engine,
        '--http-proxy',
        '--label',
        'calls=yes',
        ...rack('one'),
        '--locality',
        'eu/a',
      ];
      const calling = mesh.run(...caller, ...upstreams, '--', ...TELL_PROXY);
      const strangers: string[] = [];
      for (const { one } of engine === 'weft' ? strange : []) {
        const port = await freePort();
        for (const each of ENGINES) local.set(`${each} stranger ${one.service}`, port);
        strangers.push('--upstream', `${one.service}.${NAMESPACE}=${port}`);
      }
      if (engine === 'weft') mesh.run('--name', 'stranger', '--namespace', 'elsewhere', ...strangers);
      const [, port] = await calling.matching(/proxy=http:\/\/127\.0\.0\.1:(\d+)/);
      httpProxies.set(`${engine} caller`, Number(port));
      const narrow: string[] = [];
      for (const { one } of narrowly) {
        const own = await freePort();
        local.set(`${engine} narrow ${one.service}`, own);
        narrow.push('--upstream', `${one.service}.${NAMESPACE}=${own}`);
      }
      const names = [
        '--name',
        `narrow-${engine}`,
        '--namespace',
        'narrow',
        '--label',
        'sees=little',
        '--engine',
        engine,
      ];
      const narrowed = mesh.run(...names, '--http-proxy', ...narrow, '--', ...TELL_PROXY);
      const [, narrowPort] = await narrowed.matching(/proxy=http:\/\/127\.0\.0\.1:(\d+)/);
      httpProxies.set(`${engine} narrow`, Number(narrowPort));
    }
    await mesh.synced(5 + 7 * ENGINES.length);
    await mesh.apply(toYaml(cases.flatMap(({ one }) => one.newer ?? [])));
    for (const engine of ENGINES) await answering(engine);
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    await Promise.all([...echoes, ...behind, ...fronted, ...speaking2].map((echo) => echo.stop()));
    bad.closeAllConnections();
    bad.close();
    line.close();
    await Promise.all(greeters.map((one) => one.stop()));
    await Promise.all([authorizer.stop(), tunnel.stop()]);
  });

  const answering = async (engine: Engine): Promise<void> => {
    let last = 'nothing yet';
    const first = async (): Promise<boolean> => {
      const got = await exchange({ port: local.get(`${engine} caller plain`) ?? 0 });
      last = `${got.status} ${got.body.toString()}`;
      return got.status === 200;
    };
    await until(first, { what: `an answer for ${engine}` }).catch((error: unknown) => {
      throw new Error(`${String(error)}; last: ${last}\n${mesh.output()}`, { cause: error });
    });
  };

  for (const engine of ENGINES) {
    describe(`caller on ${engine}`, () => {
      for (const { topic, one } of cases) {
        if (one.requests === undefined) continue;
        test(`${topic}: ${one.name}`, async () => {
          const whole = JSON.parse(filled(JSON.stringify(one)).replaceAll('$PORT', String(echoPort))) as typeof one;
          const sent = whole.requests?.filter(({ on = engine }) => on === engine) ?? [];
          const asked = { ...whole, requests: sent };
          const faults = await judgeMeshCase(asked, {
            upstream: (from) => local.get(`${engine} ${from} ${one.service}`) ?? 0,
            httpProxy: (from) => httpProxies.get(`${engine} ${from}`) ?? 0,
            arriving,
            run: engine,
          });
          assert.deepEqual(faults, []);
        });
      }
    });
  }

  test('what is audited is written to the standard error of the called proxies, refused or not', async () => {
    for (const engine of ENGINES)
      await until(
        () => {
          const lines = mesh
            .output()
            .split('\n')
            .filter((line) => line.includes(`audited-${engine}-audit#spec.rules[0]`));
          return ['/no', ...ENGINES.map((caller) => `/audited-${caller}`)].every((path) =>
            lines.some((line) => line.includes(`"path":"${path}"`) && line.includes('/ns/default/sa/caller"')),
          );
        },
        { what: `the audit by ${engine}` },
      );
  });

  test('weft check reports what the cases say, and nothing else', async () => {
    const outcome = await mesh.weft('check', '-o', 'json');
    const { findings } = JSON.parse(outcome.stdout) as { readonly findings: readonly Finding[] };
    const found = findings
      .filter(({ place }) => place.object !== undefined)
      .map(({ code, place }) => `${place.object}#${place.path} ${code}`);
    // What several engines cannot do is said once for each.
    assert.deepEqual(
      [...new Set(found)].sort(),
      [...cases.flatMap(({ one }) => one.findings ?? []), PERMISSIVE].sort(),
    );
    assert.equal(outcome.code, 1);
  });

  test('objects carry the conditions that the cases say; all others are accepted, resolved and programmed', async () => {
    const stated = cases.flatMap(({ one }) => Object.keys(one.conditions ?? {}));
    const wanted = new Map(cases.flatMap(({ one }) => Object.entries(one.conditions ?? {})));
    assert.equal(wanted.size, stated.length, 'each object is stated once');
    for (const kind of [
      'HTTPRoute',
      'HTTPRouteFilter',
      'TrafficPolicy',
      'XBackendTrafficPolicy',
      'Extension',
      'ExternalService',
      'Subset',
      'Fault',
      'RateLimit',
      'Authentication',
      'AccessPolicy',
      'Visibility',
      'EnginePatch',
    ]) {
      const outcome = await mesh.weft('get', kind.toLowerCase(), '-o', 'json');
      assert.equal(outcome.code, 0, outcome.stderr);
      const { items } = JSON.parse(outcome.stdout) as { readonly items: readonly Stated[] };
      for (const { metadata, status } of items) {
        const object = `${kind}/${metadata.name}`;
        const found = status?.parents?.[0]?.conditions ?? status?.conditions ?? [];
        const conditions = wanted.get(object) ?? (OF_ROUTES.has(kind) ? ACCEPTED : PROGRAMMED);
        assert.deepEqual(pick(found, conditions), conditions, object);
        wanted.delete(object);
      }
    }
    assert.deepEqual([...wanted.keys()], [], 'objects that are not there');
  });

  test('a permissive mesh takes plaintext callers, a strict one does not', async () => {
    assert.ok(soft?.exit === undefined);
    assert.equal((await exchange({ port: await inbound('soft', 'soft-') })).status, 200);
    await assert.rejects(exchange({ port: await inbound(NAMESPACE, 'echo-') }));
  });
  /** `portName` absent: the first port. */
  const inbound = async (namespace: string, prefix: string, portName?: string): Promise<number> => {
    const outcome = await mesh.weft('get', 'workloads', '-n', namespace, '-o', 'json');
    const { items } = JSON.parse(outcome.stdout) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly spec: { readonly ports: readonly { readonly name?: string; readonly proxyPort?: number }[] };
      }[];
    };
    const ports = items.find(({ metadata }) => metadata.name.startsWith(prefix))?.spec.ports ?? [];
    return ports.find(({ name }) => portName === undefined || name === portName)?.proxyPort ?? 0;
  };

  /** By what requests name. */
  const arrived = new Map<string, Promise<number>>();
  const arriving = (at: string): Promise<number> => {
    if (/^\d+$/.test(at)) return Promise.resolve(Number(at));
    const [, namespace = '', name = '', port = ''] = /^(.+)\/(.+):(.+)$/.exec(at) ?? [];
    const found = arrived.get(at) ?? inbound(namespace, `${name}-`, port);
    arrived.set(at, found);
    return found;
  };

  test('apply --wait ends with 1 for a dangling reference and says file, line and column; check -f says the same', async () => {
    const file = mesh.file(
      [
        'apiVersion: gateway.networking.k8s.io/v1',
        'kind: HTTPRoute',
        'metadata: { name: dangling, namespace: default }',
        'spec:',
        '  parentRefs: [{ group: "", kind: Service, name: plain }]',
        '  rules:',
        '    - matches: [{ path: { type: Exact, value: /dangling } }]',
        '      backendRefs:',
        '        - name: nobody-knows',
        '          port: 80',
        '',
      ].join('\n'),
    );
    const applied = await mesh.weft('apply', '-f', file, '--wait');
    assert.equal(applied.code, 1);
    assert.ok(applied.stderr.includes(`${file}:9:11`), applied.stderr);
    assert.match(applied.stderr, /nobody-knows/);
    const checked = await mesh.weft('check', '-f', file);
    assert.ok(checked.stdout.includes(`${file}:9:11`), checked.stdout);
    assert.equal((await mesh.weft('delete', 'httproute', 'dangling')).code, 0);
  });
});

const pick = (
  found: readonly Condition[],
  wanted: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    found.flatMap(({ type, status, reason }) => (wanted[type] === undefined ? [] : [[type, `${status} ${reason}`]])),
  );
