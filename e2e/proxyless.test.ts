/** Foreign data planes on a running agent: a proxyless gRPC client (`@grpc/grpc-js-xds`) and a real Envoy, from `weft bootstrap`. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { boundsOfShare } from '@weft/testkit/chance';
import { exchange } from '@weft/testkit/http-client';
import { command, TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort, freePorts } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, tool, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const SERVER = path.join(import.meta.dirname, 'backends/grpc-server.mjs');
const CLIENT = path.join(import.meta.dirname, 'backends/xds-client.mjs');
const ENGINES = tool('envoy') === undefined ? (['weft'] as const) : (['weft', 'envoy'] as const);

const service = (name: string, selector: string, port = 'grpc'): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: default }
spec: { selector: { ${selector} }, ports: [{ name: grpc, port: 50051, targetPort: ${port}, appProtocol: grpc }] }
---`;
const route = (name: string, rule: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: default }
spec: { parentRefs: [{ group: "", kind: Service, name: ${name} }], rules: [${rule}] }
---`;
const closed = (name: string): string => `
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: ${name}, namespace: default }
spec:
  targetRefs: [{ kind: Service, name: ${name}, sectionName: grpc }]
  action: DENY
  rules: [{ from: [{ accounts: [client] }] }]
---`;
const backend = (name: string, weight: number): string => `{ name: names-${name}, port: 50051, weight: ${weight} }`;

describe('foreign data planes', () => {
  const mesh = new TestMesh();
  let front = 0;
  let bootstrap = '';

  /** Who answered how often. */
  const calls = async (target: string, count = 1): Promise<Readonly<Record<string, number>>> => {
    const query = new URLSearchParams({ target: `xds:///${target}`, count: String(count) });
    const answer = await exchange({ port: front }, { path: `/?${query}` }, false, 30_000);
    return JSON.parse(answer.body.toString()) as Record<string, number>;
  };

  before(async () => {
    await mesh.up();
    const services = ENGINES.flatMap((engine) => [
      service(`names-${engine}`, `app: names-${engine}`),
      service(`closed-${engine}`, `app: names-${engine}`, 'closed') + closed(`closed-${engine}`),
    ]).join('');
    const shares = `{ backendRefs: [${ENGINES.map((name) => backend(name, name === 'weft' ? 80 : 20)).join(', ')}] }`;
    const changing = `{ filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-a, value: b }] } }], backendRefs: [${backend('weft', 1)}] }`;
    await mesh.apply(
      services +
        service('names', 'app: nobody') +
        route('names', shares) +
        service('changed', 'app: nobody') +
        route('changed', changing),
    );
    for (const engine of ENGINES) {
      const [port = 0, other = 0] = await freePorts(2);
      const args = ['--name', `names-${engine}`, '--engine', engine, '--no-service', '--port', `${port}/grpc`];
      const guarded = ['--port', `closed:${other}/grpc`];
      mesh.run(
        ...args,
        ...guarded,
        '--',
        '/usr/bin/env',
        `PORTS=${port},${other}`,
        `NAME=${engine}`,
        process.execPath,
        SERVER,
      );
    }
    front = await freePort();
    bootstrap = path.join(mesh.folder, 'grpc.json');
    const script = '"$0" bootstrap grpc --name client > "$1" && exec "$2" "$3"';
    const child = ['/bin/sh', '-c', script, WEFT, bootstrap, process.execPath, CLIENT];
    const env = ['/usr/bin/env', `PORT=${front}`, `GRPC_XDS_BOOTSTRAP=${bootstrap}`];
    mesh.run('--name', 'client', '--no-service', '--', ...env, ...child);
    await mesh.synced(ENGINES.length + 1);
    await until(async () => (await calls('names-weft.default:50051')).weft === 1, {
      what: 'the first answer',
    }).catch(async (error: unknown) => {
      const last = await calls('names-weft.default:50051').catch(String);
      throw new Error(`${String(error)}\nlast: ${JSON.stringify(last)}\n${mesh.output()}`, { cause: error });
    });
  });
  after(() => mesh[Symbol.asyncDispose]());

  test('a gRPC client reaches servers behind sidecars of either engine, by full and by short name', async () => {
    for (const engine of ENGINES) {
      assert.deepEqual(await calls(`names-${engine}.default:50051`, 5), { [engine]: 5 });
      assert.deepEqual(await calls(`names-${engine}:50051`, 5), { [engine]: 5 });
    }
  });

  test('its calls are split by weight', { skip: needs('envoy') }, async () => {
    const { weft = 0, envoy = 0, ...others } = await calls('names.default:50051', 500);
    assert.deepEqual(others, {});
    const [least, most] = boundsOfShare(500, 0.8);
    assert.ok(weft >= least && weft <= most, `${weft} to ${envoy}, expected ${least} to ${most}`);
  });

  test('its key is in a file that only its user can read, for as long as the agent runs', () => {
    const folder = path.join(mesh.data, 'agents');
    const { mode } = statSync(keyFile(bootstrap));
    assert.equal(mode & 0o777, 0o600);
    assert.equal(statSync(path.dirname(keyFile(bootstrap))).mode & 0o777, 0o700);
    assert.ok(keyFile(bootstrap).startsWith(folder));
  });

  test('what it cannot do is said at the object, with the engine named', async () => {
    await calls('changed.default:50051');
    const programmed = await until(
      async () => {
        const { status } = JSON.parse((await mesh.weft('get', 'httproute', 'changed', '-o', 'json')).stdout) as Stated;
        return status?.parents[0]?.conditions.find(({ type, status: is }) => type === 'Programmed' && is === 'False');
      },
      { what: 'Programmed=False' },
    );
    assert.equal(programmed.reason, 'Unsupported');
    assert.match(programmed.message, /grpc/);
    const checked = await mesh.weft('check');
    assert.equal(checked.code, 1);
    assert.match(checked.stdout, /HTTPRoute\/default\/changed: spec\.rules\[0\]\.filters\[0\].*grpc/);
  });

  test('an access policy refuses it', async () => {
    for (const engine of ENGINES) {
      const [answer = ''] = Object.keys(await calls(`closed-${engine}.default:50051`));
      assert.match(answer, /^error 14 /, engine);
    }
  });

  test('Envoy takes the bootstrap written for it, and runs on the agent of a workload', {
    skip: needs('envoy'),
  }, async () => {
    const hand = mesh.run('--name', 'hand', '--no-service');
    await hand.matching(/ready/);
    const printed = await mesh.weft('bootstrap', 'envoy', '--name', 'hand');
    assert.equal(printed.code, 0, printed.stderr);
    const file = mesh.file(printed.stdout, 'envoy.yaml');
    const validated = await command(toolPath('envoy'), ['--mode', 'validate', '-c', file, '-l', 'error']);
    assert.equal(validated.code, 0, validated.stderr);
    const envoy = new TestProcess(toolPath('envoy'), ['-c', file, '--use-dynamic-base-id', '-l', 'info']);
    try {
      await envoy.matching(/all dependencies initialized. starting workers/);
      await until(
        async () => {
          const proxies = (await mesh.status()).filter(({ name }) => name.startsWith('hand-'));
          return proxies.some(({ engine, state }) => engine === 'envoy' && state === 'synced');
        },
        { what: 'a synced Envoy' },
      );
    } finally {
      await envoy.stop();
    }
  });

  test('without a running agent of that name there is no bootstrap', async () => {
    const outcome = await mesh.weft('bootstrap', 'grpc', '--name', 'nobody');
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /nobody/);
  });
});

interface Stated {
  readonly status?: {
    readonly parents: readonly {
      readonly conditions: readonly {
        readonly type: string;
        readonly status: string;
        readonly reason: string;
        readonly message: string;
      }[];
    }[];
  };
}

interface GrpcBootstrap {
  readonly certificate_providers: Readonly<
    Record<string, { readonly config: { readonly private_key_file: string } } | undefined>
  >;
}

const keyFile = (bootstrap: string): string => {
  const read = JSON.parse(readFileSync(bootstrap, 'utf8')) as GrpcBootstrap;
  return read.certificate_providers.default?.config.private_key_file ?? '';
};
