/**
 * Gateways (e2e/gateway-cases/*.yaml): the same objects and requests with `weft gateway` on our engine and on real Envoy. One control plane,
 * one set of backends, one Gateway an engine for all cases.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { after, before, describe, test } from 'node:test';
import { makeCertificate } from '@weft/testkit/certificates';
import { EchoServer } from '@weft/testkit/echo';
import { type GatewayRequest, judgeGatewayCase, type KeyPair, readGatewayCases } from '@weft/testkit/gateway-cases';
import { ServiceServer } from '@weft/testkit/services';
import { SecureEcho } from '@weft/testkit/secure-echo';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { DatagramServer } from '@weft/testkit/streams';
import { toYaml } from '@weft/testkit/mesh-cases';
import { freePort } from '@weft/testkit/ports';
import { tool } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { context, gateways, LISTENERS, NO_PAIR, secureHosts, tlsSecret } from './gateway-cases/context.ts';

const ENGINES = tool('envoy') === undefined ? ['weft'] : ['weft', 'envoy'];
const files = globSync('gateway-cases/*.yaml', { cwd: import.meta.dirname }).sort();
const cases = ENGINES.flatMap((engine) =>
  files.flatMap((file) =>
    readGatewayCases(path.join(import.meta.dirname, file), engine).map((one) => ({
      engine,
      topic: path.basename(file, '.yaml'),
      one,
    })),
  ),
);

/** Answers `NAME: TEXT` to what it is sent. */
const answering = (name: string) => (socket: net.Socket) => {
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (text: string) => socket.write(`${name}: ${text}`));
};
const listening = (server: net.Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

describe('gateways', () => {
  const mesh = new TestMesh();
  const echoes = [new EchoServer('a'), new EchoServer('b'), new EchoServer('far'), new EchoServer('h2', 'http2')];
  const processor = new ServiceServer();
  const line = net.createServer(answering('line'));
  const other = net.createServer(answering('other'));
  const datagrams = new DatagramServer('names');
  let secure: net.Server;
  let secureEcho: SecureEcho;
  const ports = new Map<string, number>();
  const pairs = new Map<string, KeyPair>();

  /** A self-signed certificate, or one of `issuer`; `names` are its subject alternative names, as OpenSSL writes them. */
  const pair = (name: string, issuer?: string, names?: string): KeyPair => {
    const made = makeCertificate(mesh.folder, name, issuer, names);
    pairs.set(name, made);
    return made;
  };

  /** `$AUTHORITY` stands for what only this run knows. */
  const withAuthority = (written: unknown): unknown =>
    JSON.parse(
      JSON.stringify(written).replaceAll('"$AUTHORITY"', () => JSON.stringify(pairs.get('authority')?.cert ?? '')),
    );

  before(async () => {
    for (const name of ['shop', 'wild', 'backend', 'authority', 'other-authority']) pair(name);
    pair('known', 'authority');
    pair('stranger', 'other-authority');
    for (const account of ['cart', 'till', 'guest']) pair(account, 'authority', `URI:${identityOf(account)}`);
    pair('forged', 'other-authority', `URI:${identityOf('cart')}`);
    pair('upstream', 'authority', 'DNS:upstream.example,URI:spiffe://partner.example/up');
    pair('upstream-wild', 'authority', 'DNS:*.wild.example');
    pair('upstream-strange', 'other-authority', 'DNS:strange.example');
    secureEcho = new SecureEcho('outside', {
      certificates: new Map([
        ['', pairs.get('upstream') ?? NO_PAIR],
        ['a.wild.example', pairs.get('upstream-wild') ?? NO_PAIR],
        ['strange.example', pairs.get('upstream-strange') ?? NO_PAIR],
      ]),
      clientAuthority: pairs.get('authority')?.cert ?? '',
    });
    const outside = await secureEcho.start();
    secure = tls.createServer({ ...pairs.get('backend') }, answering('secure'));
    const [a = 0, b = 0, far = 0, h2 = 0] = await Promise.all(echoes.map((echo) => echo.start()));
    const processes = await processor.start();
    const counts = await freePort();
    const counting = [WEFT, 'limiter', '--listen', `127.0.0.1:${counts}`];
    const [linePort, otherPort, securePort] = await Promise.all([line, other, secure].map(listening));
    const names = await datagrams.start();
    await mesh.up();
    for (const engine of ENGINES) for (const name of LISTENERS) ports.set(`${engine} ${name}`, await freePort());
    await mesh.apply(
      toYaml([
        ...context(pairs),
        ...ENGINES.flatMap((engine) => secureHosts(engine, outside)),
        ...ENGINES.flatMap((engine) => gateways(engine, (name) => ports.get(`${engine} ${name}`) ?? 0)),
        ...cases.flatMap(({ one }) => one.objects ?? []).map(withAuthority),
      ]),
    );
    mesh.run(
      '--name',
      'echo',
      '--no-service',
      ...['a', 'b', 'h2', 'line', 'other', 'secure'].flatMap((name, index) => [
        '--port',
        `${name}:${[a, b, h2, linePort, otherPort, securePort][index]}/${index < 2 ? 'http' : index === 2 ? 'grpc' : 'tcp'}`,
      ]),
    );
    mesh.run('--name', 'limiter', '--port', `${counts}/grpc`, '--', ...counting);
    mesh.run('--name', 'processor', '--port', `${processes}/grpc`);
    mesh.run('--name', 'far', '--namespace', 'far', '--no-service', '--port', `${far}/http`);
    mesh.run('--name', 'names', '--namespace', 'soft', '--no-service', '--port', `dns:${names}/udp`);
    for (const engine of ENGINES) {
      mesh.gateway('--name', `edge-${engine}`, '--engine', engine);
      mesh.gateway('--name', `edge-${engine}`, '--namespace', 'soft', '--engine', engine);
    }
    await mesh.synced(5 + 2 * ENGINES.length);
    await mesh.apply(toYaml(cases.flatMap(({ one }) => one.newer ?? [])));
    for (const engine of ENGINES)
      await until(
        async () =>
          (await exchange({ port: ports.get(`${engine} http`) ?? 0 }, { headers: { host: 'ready.example' } }))
            .status === 200,
        { what: `the gateway on ${engine}` },
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${mesh.output()}`, { cause: error });
      });
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    await Promise.all(echoes.map((echo) => echo.stop()));
    await datagrams.stop();
    await secureEcho.stop();
    await processor.stop();
    for (const server of [line, other, secure]) server.close();
  });

  for (const { engine, topic, one } of cases) {
    if (one.requests === undefined) continue;
    test(`${engine}, ${topic}: ${one.name}`, async () => {
      const faults = await judgeGatewayCase(one, {
        port: (name) => ports.get(`${engine} ${name}`) ?? 0,
        clients: pairs,
      });
      assert.deepEqual(faults, []);
    });
  }

  test('weft check reports what the cases say, and nothing else', async () => {
    const outcome = await mesh.weft('check', '-o', 'json');
    const { findings } = JSON.parse(outcome.stdout) as { readonly findings: readonly Finding[] };
    const found = findings
      .filter(({ place }) => place.object !== undefined)
      .map(({ code, place }) => `${place.object}#${place.path} ${code}`);
    const expected = [...OF_CONTEXT, ...cases.flatMap(({ one }) => one.findings ?? [])];
    assert.deepEqual([...new Set(found)].sort(), expected.sort());
  });

  test('objects carry the conditions that the cases say', async () => {
    for (const { one } of cases) {
      for (const [object, conditions] of Object.entries(one.conditions ?? {})) {
        const [kind = '', namespace = '', name = ''] = object.split('/');
        const outcome = await mesh.weft('get', kind.toLowerCase(), name, '-n', namespace, '-o', 'json');
        const { status = {} } = JSON.parse(outcome.stdout) as { readonly status?: Stated };
        for (const [type, wanted] of Object.entries(conditions)) {
          const [listener, own = type] = type.startsWith('listener/') ? type.slice(9).split(' ') : [undefined];
          const list =
            listener === undefined
              ? (status.parents?.[0]?.conditions ?? status.conditions)
              : status.listeners?.find((each) => each.name === listener)?.conditions;
          const found = list?.find((condition) => condition.type === own);
          assert.equal(`${found?.status} ${found?.reason}`, wanted, `${object} ${type}`);
        }
      }
    }
  });

  test('a Gateway says where it is, and how many routes each listener has', async () => {
    // One takes any address that its processes have, one states it.
    for (const namespace of ['default', 'soft']) {
      const outcome = await mesh.weft('get', 'gateway', 'edge-weft', '-n', namespace, '-o', 'json');
      const { status } = JSON.parse(outcome.stdout) as { readonly status: Stated };
      assert.deepEqual(status.addresses, [{ type: 'IPAddress', value: '127.0.0.1' }]);
      assert.ok(status.listeners?.every(({ attachedRoutes }) => attachedRoutes > 0));
    }
  });

  test('a certificate that is renewed is shown from then on, without a restart', async () => {
    const { cert, key } = pair('renewed');
    await mesh.apply(toYaml([tlsSecret('wild', { cert, key })]));
    const name = 'www.wild.example';
    const request = { listener: 'https', sni: name, certificate: 'renewed', send: { headers: { host: name } } };
    for (const engine of ENGINES) {
      const port = (listener: string): number => ports.get(`${engine} ${listener}`) ?? 0;
      const one = { name: '', requests: [{ ...request, expect: { status: 200 } }] };
      const shown = async (): Promise<boolean> => (await judgeGatewayCase(one, { port, clients: pairs })).length === 0;
      await until(shown, { what: `the new certificate on ${engine}` });
    }
  });

  test('what explain proposes for an identity that a listener refuses lets it in, and nobody else', async () => {
    const request = (client: string | undefined, method: string, expect: Partial<GatewayRequest>): GatewayRequest => ({
      listener: 'members',
      sni: 'members.example',
      ...(client === undefined ? {} : { client }),
      send: { method, headers: { host: 'members.example' } },
      expect: {},
      ...expect,
    });
    const status = (code: number) => ({ expect: { status: code } });
    const others = [
      request('cart', 'GET', status(200)),
      request('cart', 'POST', status(403)),
      request('till', 'POST', status(403)),
      request('guest', 'GET', status(403)),
      request('known', 'GET', status(403)),
      request('forged', 'GET', { refused: true }),
      request(undefined, 'GET', { refused: true }),
    ];
    for (const engine of ENGINES) {
      const port = (listener: string): number => ports.get(`${engine} ${listener}`) ?? 0;
      const judged = (...requests: readonly GatewayRequest[]) =>
        judgeGatewayCase({ name: '', requests }, { port, clients: pairs });
      const ask = (account: string, method: string) => {
        const to = `gateway/edge-${engine}:${port('members')}`;
        return mesh.weft('explain', identityOf(account), to, method, '/', '-H', 'host: members.example', '-o', 'json');
      };
      assert.deepEqual(await judged(request('till', 'GET', status(403)), ...others), [], engine);
      assert.equal((await ask('cart', 'GET')).code, 0);
      const { code, stdout } = await ask('till', 'GET');
      assert.equal(code, 1, stdout);
      const { remedy } = JSON.parse(stdout) as { readonly remedy?: Proposed };
      assert.equal(remedy?.source, `AccessPolicy/default/members-${engine}#spec.rules[0].from`);
      const { apiVersion, kind, metadata, spec } = remedy.object;
      const { name, namespace } = metadata;
      await mesh.apply(toYaml([{ apiVersion, kind, metadata: { name, namespace }, spec }]));
      const letIn = async (): Promise<boolean> => (await judged(request('till', 'GET', status(200)))).length === 0;
      await until(letIn, { what: `the proposed change on ${engine}` });
      assert.deepEqual(await judged(...others), [], engine);
      assert.equal((await ask('till', 'GET')).code, 0);
      assert.equal((await ask('guest', 'GET')).code, 1);
    }
  });

  test('a key is shown nowhere: by get, history, origin and configuration dumps; only the gateway has it', async () => {
    const key = pairs.get('shop')?.key ?? '';
    const secret = key.split('\n')[1] ?? 'none';
    const encoded = Buffer.from(key).toString('base64').slice(0, 60);
    const said = await Promise.all([
      mesh.weft('get', 'secrets', '-A', '-o', 'yaml'),
      mesh.weft('get', 'secret', 'shop', '-o', 'json'),
      mesh.weft('history', 'secret', 'shop', '-o', 'json'),
      ...(await mesh.status()).map(({ name, namespace }) => mesh.weft('config', name, '-n', namespace)),
    ]);
    const all = said.map(({ stdout, stderr }) => stdout + stderr).join('\n') + mesh.output();
    assert.ok(all.includes('<redacted>'));
    assert.ok(!all.includes(secret) && !all.includes(encoded));
  });
});

/** Datagrams need a mesh that lets plaintext pass. */
const OF_CONTEXT = ['Mesh/soft#spec.mtls.mode plaintext-accepted', 'Service/soft/names#spec.ports plaintext-hop'];

const identityOf = (account: string): string => `spiffe://partner.example/ns/shop/sa/${account}`;

interface Proposed {
  readonly source: string;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: unknown;
  };
}
interface Finding {
  readonly code: string;
  readonly place: { readonly object?: string; readonly path?: string };
}
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}
interface Stated {
  readonly addresses?: readonly unknown[];
  readonly conditions?: readonly Condition[];
  readonly parents?: readonly { readonly conditions: readonly Condition[] }[];
  readonly listeners?: readonly {
    readonly name: string;
    readonly attachedRoutes: number;
    readonly conditions: readonly Condition[];
  }[];
}
