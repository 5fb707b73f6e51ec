/**
 * Behaviour cases of gRPC calls (e2e/grpc-cases/*.yaml): the same objects and calls with our engine and real Envoy as the caller's sidecar, and
 * from a proxyless client (`@grpc/grpc-js-xds`). What an engine lacks is said at the object, with the engine's name.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { Callers, type CallOutcome, type GrpcEngine, judgeGrpcCase, readGrpcCases } from '@weft/testkit/grpc-cases';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { objectsOf, toYaml } from '@weft/testkit/mesh-cases';
import { freePort } from '@weft/testkit/ports';
import { tool } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { GUARDED, grpcContext } from './grpc-cases/context.ts';

const SIDECARS = tool('envoy') === undefined ? (['weft'] as const) : (['weft', 'envoy'] as const);
const ENGINES: readonly GrpcEngine[] = [...SIDECARS, 'grpc'];
const CALLER = path.join(import.meta.dirname, 'backends/xds-caller.mjs');
const LOCALITY = ['--locality', 'eu/a'];
const cases = globSync('grpc-cases/*.yaml', { cwd: import.meta.dirname })
  .sort()
  .flatMap((file) =>
    readGrpcCases(path.join(import.meta.dirname, file))
      .filter(({ backend }) => tool('envoy') !== undefined || backend?.selector?.['app'] !== 'guarded-envoy')
      .map((one) => ({ topic: path.basename(file, '.yaml'), one })),
  );

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly place: { readonly object?: string; readonly path?: string };
}
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}
interface Stated {
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly parents?: readonly { readonly conditions: readonly Condition[] }[];
  };
}

describe('gRPC cases', () => {
  const mesh = new TestMesh();
  const echoes = ['a', 'b', 'c', 'good', 'near', 'far'].map((name) => new EchoServer(name, 'http2'));
  /** Answers whatever it is asked with UNAVAILABLE. */
  const bad = new EchoServer('bad', 'http2', { alwaysFails: 14 });
  const guarded = GUARDED.map((name) => new EchoServer(name, 'http2'));
  const callers = new Callers();
  /** `engine service` to a local port. */
  const local = new Map<string, number>();
  let front = 0;

  before(async () => {
    const [a = 0, b = 0, c = 0, good = 0, near = 0, far = 0] = await Promise.all(echoes.map((echo) => echo.start()));
    const [failing, ports] = await Promise.all([bad.start(), Promise.all(guarded.map((echo) => echo.start()))]);
    await mesh.up();
    await mesh.apply(
      toYaml([...grpcContext(), ...cases.flatMap(({ one }) => objectsOf({ ...one, protocol: 'grpc' }))]).replaceAll(
        '$PORT',
        String(a),
      ),
    );
    const flags = (numbers: Readonly<Record<string, number>>): string[] =>
      Object.entries(numbers).flatMap(([name, port]) => ['--port', `${name}:${port}/grpc`]);
    const workload = (
      name: string,
      labels: readonly string[],
      zone: string,
      numbers: Readonly<Record<string, number>>,
    ) =>
      mesh.run(
        '--name',
        name,
        '--no-service',
        '--locality',
        zone,
        ...labels.flatMap((label) => ['--label', `${label}=yes`]),
        ...flags(numbers),
      );
    workload('echo', ['pair', 'zoned'], 'eu/b', { a, b, c, pair: good, zoned: far });
    workload('near', ['zoned'], 'eu/a', { zoned: near });
    workload('failing', ['pair'], 'eu/a', { pair: failing });
    for (const engine of SIDECARS) {
      const numbers = Object.fromEntries(GUARDED.map((name, index) => [name, ports[index] ?? 0]));
      mesh.run('--name', `guarded-${engine}`, '--engine', engine, '--no-service', ...flags(numbers));
    }
    for (const engine of SIDECARS) {
      const upstreams: string[] = [];
      for (const { one } of cases) {
        const port = await freePort();
        local.set(`${engine} ${one.service}`, port);
        upstreams.push('--upstream', `${one.service}=${port}`);
      }
      const name = ['--name', `caller-${engine}`, '--service-account', 'caller', '--no-service'];
      mesh.run(...name, '--engine', engine, ...LOCALITY, ...upstreams);
    }
    front = await freePort();
    const bootstrap = path.join(mesh.folder, 'grpc.json');
    const script = '"$0" bootstrap grpc --name proxyless > "$1" && exec "$2" "$3"';
    const child = ['/bin/sh', '-c', script, WEFT, bootstrap, process.execPath, CALLER];
    const env = ['/usr/bin/env', `PORT=${front}`, `GRPC_XDS_BOOTSTRAP=${bootstrap}`];
    const name = ['--name', 'proxyless', '--service-account', 'caller', '--no-service', ...LOCALITY];
    mesh.run(...name, '--', ...env, ...child);
    await mesh.synced(4 + 2 * SIDECARS.length);
    for (const engine of ENGINES) {
      let last: CallOutcome | undefined;
      const answers = async (): Promise<boolean> => {
        last = await callOn(
          engine,
          'plain',
        )({ method: '/shop.Orders/Get', metadata: { 'x-echo': 'grpc-message=1&grpc-status=0' } });
        return last.code === 0;
      };
      await until(answers, { what: `an answer for ${engine}` }).catch((error: unknown) => {
        throw new Error(`${String(error)}; last: ${JSON.stringify(last)}\n${mesh.output()}`, { cause: error });
      });
    }
  });
  after(async () => {
    callers.close();
    await mesh[Symbol.asyncDispose]();
    await Promise.all([...echoes, bad, ...guarded].map((echo) => echo.stop()));
  });

  const callOn =
    (engine: GrpcEngine, service: string) =>
    async (input: { method: string; metadata: Readonly<Record<string, string>> }): Promise<CallOutcome> => {
      if (engine !== 'grpc')
        return callers.call({ ...input, target: `127.0.0.1:${local.get(`${engine} ${service}`) ?? 0}` });
      const body = JSON.stringify({ ...input, target: `xds:///${service}.default:80` });
      const answer = await exchange({ port: front }, { method: 'POST', body }, false, 30_000);
      return JSON.parse(answer.body.toString()) as CallOutcome;
    };

  for (const engine of ENGINES) {
    describe(`caller on ${engine}`, () => {
      for (const { topic, one } of cases) {
        test(`${topic}: ${one.name}`, async () => {
          const faults = await judgeGrpcCase(one, { engine, run: engine, call: callOn(engine, one.service) });
          assert.deepEqual(faults, []);
        });
      }
    });
  }

  /** `ENGINE OBJECT#PATH`. */
  const lacking = (): string[] =>
    cases.flatMap(({ one }) => [
      ...(one.proxyless?.lacks ?? []).map((place) => `grpc ${place}`),
      ...(tool('envoy') === undefined ? [] : (one.envoy?.lacks ?? [])).map((place) => `envoy ${place}`),
    ]);

  test('weft check says what an engine lacks, by engine, object and field, and nothing else', async () => {
    const { stdout } = await mesh.weft('check', '-o', 'json');
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
    const found = findings
      .filter(({ code }) => code === 'unsupported-by-engine')
      .map(({ message, place }) => `${/the engine (\w+)/.exec(message)?.[1]} ${place.object}#${place.path}`);
    assert.deepEqual([...new Set(found)].sort(), [...new Set(lacking())].sort());
  });

  test('objects that an engine cannot hold wholly are not programmed, the engine named', async () => {
    const engines = new Map<string, Set<string>>();
    for (const line of lacking()) {
      const [, engine = '', object = ''] = /^(\w+) ([^#]+)#/.exec(line) ?? [];
      engines.set(object, (engines.get(object) ?? new Set()).add(engine));
    }
    for (const [object, named] of engines) {
      const [kind = '', namespace = '', name = ''] = object.split('/');
      const conditions = async (): Promise<readonly Condition[]> => {
        const { stdout } = await mesh.weft('get', kind.toLowerCase(), name, '-n', namespace, '-o', 'json');
        const { status } = JSON.parse(stdout) as Stated;
        return status?.parents?.[0]?.conditions ?? status?.conditions ?? [];
      };
      const programmed = await until(
        async () => (await conditions()).find(({ type, status }) => type === 'Programmed' && status === 'False'),
        { what: `${object}: Programmed=False` },
      );
      assert.equal(programmed.reason, 'Unsupported', object);
      for (const engine of named) assert.match(programmed.message, new RegExp(`engine ${engine}`), object);
    }
  });
});
