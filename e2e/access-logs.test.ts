/** Access logs that only some proxies write, or of one direction, of a Mesh and of Telemetry, and what they say of refusals: both engines, each as caller and as called. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const ENGINES = ['weft', 'envoy'] as const;

describe('access logs of some proxies', { skip: needs('envoy') }, () => {
  const mesh = new TestMesh();
  const echo = new EchoServer('echo');
  const file = (name: string): string => path.join(mesh.folder, `${name}.log`);
  const lines = (name: string): readonly string[] =>
    existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').slice(0, -1) : [];
  /** The local port by which the workload of one engine calls that of the other. */
  const upstreams = new Map<string, number>();

  const log = (name: string, whose: string): string =>
    `    - { to: File, path: ${file(name)}, text: "%REQ(X-MARK)% %RESPONSE_CODE%", ${whose} }\n`;

  before(async () => {
    const port = await echo.start();
    await mesh.up();
    const logs = ENGINES.flatMap((engine) => [
      log(`${engine}-both`, `workloadSelector: { app: ${engine} }`),
      log(`${engine}-in`, `namespaces: [default], workloadSelector: { app: ${engine} }, direction: Inbound`),
      log(`${engine}-out`, `workloadSelector: { app: ${engine} }, direction: Outbound`),
    ]);
    logs.push(log('nobody', 'notNamespaces: [default]'), log('stranger', 'namespaces: [elsewhere]'));
    const own = (engine: string): string => `---
apiVersion: weft.dev/v1alpha1
kind: Telemetry
metadata: { name: ${engine}, namespace: default }
spec:
  workloadSelector: { app: ${engine} }
  accessLogs: [{ to: File, path: ${file(`${engine}-own`)}, text: "%REQ(X-MARK)% %RESPONSE_CODE%", direction: Inbound }]
`;
    await mesh.apply(
      `apiVersion: weft.dev/v1alpha1\nkind: Mesh\nmetadata: { name: default }\nspec:\n  trustDomain: weft.local\n  accessLogs:\n${logs.join('')}${ENGINES.map(own).join('')}`,
    );
    for (const [engine, other] of [
      ['weft', 'envoy'],
      ['envoy', 'weft'],
    ] as const) {
      const local = await freePort();
      upstreams.set(engine, local);
      mesh.run('--name', engine, '--engine', engine, '--port', `${port}/http`, '--upstream', `${other}=${local}`);
    }
    await mesh.synced(2);
    for (const local of upstreams.values()) await mesh.answering(local);
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    await echo.stop();
  });

  test('each line stands where its workload and its direction say, and nowhere else', async () => {
    for (const engine of ENGINES) {
      const sent = { headers: { 'x-mark': `from-${engine}` } };
      assert.equal((await exchange({ port: upstreams.get(engine) ?? 0 }, sent)).status, 200);
    }
    const marked = (name: string): readonly string[] =>
      lines(name)
        .filter((line) => line.startsWith('from-'))
        .toSorted();
    const [weft, envoy] = ['from-weft 200', 'from-envoy 200'];
    const wanted = {
      'weft-both': [envoy, weft],
      'weft-in': [envoy],
      'weft-own': [envoy],
      'weft-out': [weft],
      'envoy-both': [envoy, weft],
      'envoy-in': [weft],
      'envoy-own': [weft],
      'envoy-out': [envoy],
    };
    const found = (): unknown => Object.fromEntries(Object.keys(wanted).map((name) => [name, marked(name)]));
    await until(
      () =>
        ENGINES.every(
          (engine) =>
            marked(`${engine}-both`).length >= 2 &&
            marked(`${engine}-in`).length >= 1 &&
            marked(`${engine}-own`).length >= 1 &&
            marked(`${engine}-out`).length >= 1,
        ),
      {
        what: 'the lines of both requests',
      },
    );
    assert.deepEqual(found(), wanted);
    assert.deepEqual([lines('nobody'), lines('stranger')], [[], []]);
  });
});

describe('refusals in access logs', { skip: needs('envoy') }, () => {
  const mesh = new TestMesh();
  const echo = new EchoServer('echo');
  const file = (name: string): string => path.join(mesh.folder, `${name}.log`);
  const lines = (name: string): readonly string[] =>
    existsSync(file(name)) ? readFileSync(file(name), 'utf8').split('\n').slice(0, -1) : [];
  const upstreams = new Map<string, number>();
  let policy = '';

  const log = (name: string, engine: string, what: string): string =>
    `    - { to: File, path: ${file(name)}, workloadSelector: { app: ${engine} }, direction: Inbound, ${what}filter: { minStatus: 400 } }\n`;
  const rules = (engine: string): string => `apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: ${engine} }
spec:
  targetRefs: [{ kind: Service, name: ${engine} }]
  action: DENY
  rules:
    - to: [{ paths: [/elsewhere/*] }]
    - to: [{ paths: [/secret/*] }]
`;
  const RULE = '%DYNAMIC_METADATA(envoy.filters.http.rbac:enforced_effective_policy_id)%';

  before(async () => {
    const port = await echo.start();
    await mesh.up();
    const logs = ENGINES.flatMap((engine) => [
      log(`${engine}-line`, engine, ''),
      log(`${engine}-json`, engine, `fields: { rule: "${RULE}", details: "%RESPONSE_CODE_DETAILS%" }, `),
    ]);
    await mesh.apply(
      `apiVersion: weft.dev/v1alpha1\nkind: Mesh\nmetadata: { name: default }\nspec:\n  trustDomain: weft.local\n  accessLogs:\n${logs.join('')}`,
    );
    for (const [engine, other] of [
      ['weft', 'envoy'],
      ['envoy', 'weft'],
    ] as const) {
      const local = await freePort();
      upstreams.set(other, local);
      mesh.run('--name', engine, '--engine', engine, '--port', `${port}/http`, '--upstream', `${other}=${local}`);
    }
    await mesh.synced(2);
    for (const local of upstreams.values()) await mesh.answering(local);
    policy = mesh.file(ENGINES.map(rules).join('---\n'), 'rules of access.yaml');
    assert.equal((await mesh.weft('apply', '-f', policy, '--wait')).code, 0);
    for (const local of upstreams.values())
      await until(async () => (await exchange({ port: local }, { path: '/secret/first' })).status === 403);
  });
  after(async () => {
    await mesh[Symbol.asyncDispose]();
    await echo.stop();
  });

  /** As the last line of each log has it. */
  const named = async (engine: string, id: string): Promise<string> => {
    const sent = { path: '/secret/1', headers: { 'x-request-id': id } };
    assert.equal((await exchange({ port: upstreams.get(engine) ?? 0 }, sent)).status, 403);
    let line = '';
    await until(
      () => {
        line = lines(`${engine}-line`).find((one) => one.includes(id)) ?? '';
        return line !== '' && lines(`${engine}-json`).length === lines(`${engine}-line`).length;
      },
      { what: `the lines of ${id}` },
    );
    const [, rule = ''] = /"rbac_access_denied_matched_policy\[(\S+)\]" "-"$/.exec(line) ?? assert.fail(line);
    assert.deepEqual(JSON.parse(lines(`${engine}-json`).at(-1) ?? ''), {
      rule,
      details: `rbac_access_denied_matched_policy[${rule}]`,
    });
    return rule;
  };

  for (const [index, engine] of ENGINES.entries())
    test(`${engine}: policy, rule, file and line, as they were when the policy was last changed`, async () => {
      const place = `${encodeURI(policy)}:${10 * index + 9}`;
      const wanted = `AccessPolicy/default/${engine}#spec.rules[1]@${place}`;
      assert.equal(await named(engine, '6f1b6f0e-5a2c-4d0c-9a53-0c6a3b7a0001'), wanted);
    });

  test('a line that moves alone is told with the next change of its policy', async () => {
    const wanted = (text: string, line: number): string => `${text}#spec.rules[1]@${encodeURI(policy)}:${line}`;
    const applied = async (text: string): Promise<void> => {
      writeFileSync(policy, text);
      assert.equal((await mesh.weft('apply', '-f', policy, '--wait')).code, 0);
    };
    await applied(`# moved\n${rules('weft')}`);
    assert.equal(await named('weft', '6f1b6f0e-5a2c-4d0c-9a53-0c6a3b7a0002'), wanted('AccessPolicy/default/weft', 9));
    const changed = rules('weft').replace('/secret/*]', '/secret/*, /more/*]');
    await applied(`# moved\n${changed}`);
    await until(async () => (await exchange({ port: upstreams.get('weft') ?? 0 }, { path: '/more/1' })).status === 403);
    assert.equal(await named('weft', '6f1b6f0e-5a2c-4d0c-9a53-0c6a3b7a0003'), wanted('AccessPolicy/default/weft', 10));
  });

  test('a connection that is refused before there is a request stands there, too, with the rule', async () => {
    const callers = { weft: 'envoy', envoy: 'weft' } as const;
    const closed = ENGINES.map((engine) => `${rules(engine)}    - from: [{ accounts: [${callers[engine]}] }]\n`);
    writeFileSync(policy, closed.join('---\n'));
    assert.equal((await mesh.weft('apply', '-f', policy, '--wait')).code, 0);
    for (const [index, engine] of ENGINES.entries()) {
      const place = `${encodeURI(policy)}:${11 * index + 10}`;
      const wanted = `"-" "rbac_access_denied_matched_policy[AccessPolicy/default/${engine}#spec.rules[2]@${place}]"`;
      await until(
        async () => {
          await exchange({ port: upstreams.get(engine) ?? 0 }, { path: '/' });
          return lines(`${engine}-line`).some((line) => line.endsWith(wanted));
        },
        { what: `${wanted} at ${engine}` },
      ).catch((error: unknown) => assert.fail(`${String(error)}\n${lines(`${engine}-line`).join('\n')}`));
    }
  });
});
