/** Answers from what happened, on a mesh of both engines: `why`, `plan --seen`, `learn`, and invariants that traffic contradicts. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const ENGINES = ['weft', 'envoy'] as const;

interface Why {
  readonly hops: readonly {
    readonly workload: string;
    readonly addressed: { readonly service: string; readonly port: number } | null;
    readonly record: {
      readonly direction: string;
      readonly status: number;
      readonly secured: boolean;
      readonly path: string;
      readonly entered?: Readonly<Record<'address' | 'client' | 'identity' | 'serverName', string>> & {
        readonly certificate: boolean;
      };
    };
    readonly rule: string;
    readonly rulePlace: string;
  }[];
  readonly decision: {
    readonly of: string;
    readonly revision: number | null;
    readonly verdict: string;
    readonly agrees: boolean;
  } | null;
}

describe('answers from what happened', { skip: needs('envoy') }, () => {
  const mesh = new TestMesh();
  const upstreams = new Map<string, number>();
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(request.url === '/broken' ? 500 : 200, {
      'seen-id': String(request.headers['x-request-id'] ?? ''),
    });
    response.end('ok');
  });
  let policy = '';

  const why = async (id: string): Promise<Why> => {
    const { stdout, stderr } = await mesh.weft('why', id, '-o', 'json');
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout) as Why;
  };

  /** Until both sides told it. */
  const known = async (id: string, hops: number): Promise<Why> => {
    let last: Why = { hops: [], decision: null };
    await until(
      async () => {
        last = await why(id);
        return last.hops.length >= hops;
      },
      { what: `${hops} hops of ${id}` },
    );
    return last;
  };

  /** A connection that was open goes on under the rules that it began with, until its proxy has drained it. */
  const applied = async (): Promise<void> => {
    const { code, stdout, stderr } = await mesh.weft('apply', '-f', policy, '--wait');
    assert.equal(code, 0, stderr + stdout);
    for (const local of upstreams.values())
      await until(async () => (await exchange({ port: local }, { path: '/secret/first' })).status === 403);
  };

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await mesh.up();
    for (const engine of ENGINES) mesh.run('--name', `called-${engine}`, '--port', `${port}/http`, '--engine', engine);
    await mesh.synced(2);
    for (const engine of ENGINES) {
      const flags: string[] = [];
      for (const called of ENGINES) {
        const local = await freePort();
        upstreams.set(`${engine} ${called}`, local);
        flags.push('--upstream', `called-${called}=${local}`);
      }
      mesh.run('--name', `caller-${engine}`, '--engine', engine, ...flags);
    }
    await mesh.synced(4);
    for (const local of upstreams.values()) await mesh.answering(local);
    policy = mesh.file(
      ENGINES.map(
        (called) => `apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: called-${called} }
spec:
  targetRefs: [{ kind: Service, name: called-${called} }]
  action: DENY
  rules:
    - to: [{ paths: [/secret/*] }]
`,
      ).join('---\n'),
    );
    await applied();
  });

  after(async () => {
    server.close();
    server.closeAllConnections();
    await mesh[Symbol.asyncDispose]();
  });

  for (const caller of ENGINES)
    for (const called of ENGINES) {
      const pair = `${caller} ${called}`;
      test(`${caller} to ${called}: a refusal is told by both hops, with policy, file and line, and explain says the same`, async () => {
        const port = upstreams.get(pair) ?? 0;
        const refused = await exchange({ port }, { path: '/secret/1?token=hunter2' });
        assert.equal(refused.status, 403);
        const id = String(refused.headers['x-request-id'] ?? '');
        assert.match(id, /^[0-9a-f-]{36}$/);
        const told = await known(id, 2);
        const [out, arrived] = told.hops;
        assert.match(out?.workload ?? '', new RegExp(`^default/caller-${caller}`));
        assert.match(arrived?.workload ?? '', new RegExp(`^default/called-${called}`));
        assert.deepEqual([out?.record.direction, arrived?.record.direction], ['outbound', 'inbound']);
        assert.deepEqual([out?.record.status, arrived?.record.status], [403, 403]);
        assert.deepEqual([out?.record.secured, arrived?.record.secured], [true, true]);
        assert.equal(out?.addressed?.service, `default/called-${called}`);
        assert.equal(arrived?.addressed?.service, `default/called-${called}`);
        assert.match(arrived?.rule ?? '', new RegExp(`^AccessPolicy/default/called-${called}#spec\\.rules\\[0\\]`));
        assert.match(arrived?.rulePlace ?? '', /^.*file-1\.yaml:\d+:\d+$/);
        assert.deepEqual(
          [told.decision?.of, told.decision?.verdict, told.decision?.agrees],
          ['then', 'denied', true],
          JSON.stringify(told, undefined, 1),
        );
        const { stdout } = await mesh.weft('why', id);
        assert.match(
          stdout,
          new RegExp(`policy: AccessPolicy/default/called-${called}#spec.rules\\[0\\].* \\(.*file-1.yaml:`),
        );
        assert.doesNotMatch(stdout, /hunter2/);
      });

      test(`${caller} to ${called}: what passes is kept on both sides too while there is little of it, and an error of the service`, async () => {
        const port = upstreams.get(pair) ?? 0;
        const passed = await exchange({ port }, { path: '/fine' });
        const told = await known(String(passed.headers['seen-id']), 2);
        assert.deepEqual([told.decision?.verdict, told.decision?.agrees], ['allowed', true], JSON.stringify(told));
        const broken = await exchange({ port }, { path: '/broken' });
        assert.equal(broken.status, 500);
        const failed = await known(String(broken.headers['seen-id']), 2);
        assert.equal(failed.hops[1]?.record.status, 500);
      });
    }

  test('an id that its caller chose, with all that parts of addresses are told apart by', async () => {
    const id = '../a//%2f/?b=c&d#e+f .';
    for (const [at, port] of [...upstreams.values()].entries()) {
      const headers = { 'x-request-id': `${id}${at}` };
      assert.equal((await exchange({ port }, { path: '/secret/1', headers })).status, 403);
      const { hops } = await known(`${id}${at}`, 2);
      assert.deepEqual(
        hops.map(({ record }) => record.status),
        [403, 403],
      );
    }
  });

  test('of what is not kept it says so, and what is kept', async () => {
    const { code, stdout } = await mesh.weft('why', randomUUID());
    assert.equal(code, 1);
    assert.match(stdout, /nothing is kept of it/);
    assert.match(stdout, /kept: \d+ requests, the oldest of .* ago; \d+ of them refused or failed/);
  });

  test('after a change the decision is that of the moment, not of now', async () => {
    const port = upstreams.get('weft weft') ?? 0;
    const refused = await exchange({ port }, { path: '/secret/then' });
    const id = String(refused.headers['x-request-id']);
    await known(id, 2);
    const removed = await mesh.weft('delete', 'accesspolicy', 'called-weft');
    assert.equal(removed.code, 0, removed.stderr);
    await until(async () => (await exchange({ port }, { path: '/secret/then' })).status === 200);
    const told = await why(id);
    assert.deepEqual([told.decision?.of, told.decision?.verdict, told.decision?.agrees], ['then', 'denied', true]);
    assert.ok((told.decision?.revision ?? 0) > 0);
    assert.match(told.hops[1]?.rulePlace ?? '', /file-1\.yaml:/);
    await applied();
  });

  test('plan --seen: which of the requests that were seen would be denied, by both engines, with counts', async () => {
    for (const local of upstreams.values())
      for (let index = 0; index < 5; index += 1) await exchange({ port: local }, { path: `/orders/${index}` });
    const file = mesh.file(`apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: only-envoy }
spec:
  targetRefs: [{ kind: Service, name: called-weft }, { kind: Service, name: called-envoy }]
  action: ALLOW
  rules:
    - from: [{ accounts: [caller-envoy] }]
`);
    interface Plan {
      readonly seen: {
        readonly differences: readonly {
          readonly kind: string;
          readonly caller: string;
          readonly service: string;
          readonly path: string;
          readonly count: number;
        }[];
        readonly unasked: readonly unknown[];
      };
    }
    let plan: Plan['seen'] = { differences: [], unasked: [] };
    const orders = (): Plan['seen']['differences'] =>
      plan.differences.filter(({ kind, caller }) => kind === 'denied' && caller.startsWith('default/caller-weft'));
    await until(
      async () => {
        const { stdout, stderr } = await mesh.weft('plan', '-f', file, '--seen', '--window', '10m', '-o', 'json');
        assert.notEqual(stdout, '', stderr);
        plan = (JSON.parse(stdout) as Plan).seen;
        return orders().reduce((sum, { count }) => sum + count, 0) >= 10;
      },
      { what: 'ten requests to be seen' },
    );
    assert.deepEqual([...new Set(orders().map(({ service }) => service))].sort(), [
      'default/called-envoy',
      'default/called-weft',
    ]);
    assert.ok(
      plan.differences.every(({ caller }) => !caller.startsWith('default/caller-envoy')),
      JSON.stringify(plan.differences, undefined, 1),
    );
    assert.deepEqual(plan.unasked, []);
    const { stdout } = await mesh.weft('plan', '-f', file, '--seen');
    assert.match(stdout, /WOULD BE DENIED:\n +\d+ x default\/caller-weft/);
    assert.match(stdout, /example: weft why [0-9a-f-]{36}/);
  });

  test('an Invariant that traffic contradicts is a finding of check, with the request', async () => {
    const contradicted = async (): Promise<
      readonly { readonly message: string; readonly number: string; readonly remedy: string }[]
    > => {
      const { stdout, stderr } = await mesh.weft('check', '-o', 'json');
      assert.notEqual(stdout, '', stderr);
      const { findings } = JSON.parse(stdout) as {
        findings: readonly { code: string; message: string; number: string; remedy: string }[];
      };
      return findings.filter(({ code }) => code === 'invariant-contradicted');
    };
    assert.deepEqual(await contradicted(), []);
    const kept = await mesh.weft(
      'apply',
      '--break-invariants',
      '-f',
      mesh.file(`apiVersion: weft.dev/v1alpha1
kind: Invariant
metadata: { name: closed }
spec:
  targetRefs: [{ kind: Service, name: called-envoy }]
  never: [{ from: [{ accounts: [caller-weft] }] }]
`),
    );
    assert.equal(kept.code, 0, kept.stderr);
    let found = await contradicted();
    await until(
      async () => {
        await exchange({ port: upstreams.get('weft envoy') ?? 0 }, { path: '/entries' });
        await exchange({ port: upstreams.get('envoy envoy') ?? 0 }, { path: '/entries' });
        found = await contradicted();
        return found.length > 0;
      },
      { what: 'the contradiction' },
    );
    assert.equal(found.length, 1, JSON.stringify(found));
    assert.equal(found[0]?.number, 'WEFT0603');
    assert.match(found[0]?.message ?? '', /\/sa\/caller-weft got through to default\/called-envoy with GET \/entries/);
    const [, id = ''] = /weft why ([0-9a-f-]{36})/.exec(found[0]?.remedy ?? '') ?? [];
    assert.equal((await why(id)).hops.length > 0, true);
    assert.equal((await mesh.weft('delete', 'invariant', 'closed')).code, 0);
  });

  for (const engine of ENGINES)
    test(`what a gateway on ${engine} told is asked as it entered`, async () => {
      const [listening, app] = [await freePort(), (server.address() as AddressInfo).port];
      await mesh.apply(`apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge-${engine} }
spec: { gatewayClassName: weft, listeners: [{ name: http, protocol: HTTP, port: ${listening} }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: edge-${engine} }
spec:
  parentRefs: [{ name: edge-${engine} }]
  hostnames: [shop.example]
  rules: [{ backendRefs: [{ name: called-weft, port: ${app} }] }]
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: edge-${engine} }
spec:
  targetRefs: [{ kind: Gateway, name: edge-${engine} }]
  rules: [{ from: [{ ipBlocks: [127.0.0.1] }] }]
`);
      mesh.gateway('--name', `edge-${engine}`, '--engine', engine);
      const ask = (host: string): ReturnType<typeof exchange> =>
        exchange({ port: listening }, { path: '/entered', headers: { host } });
      await until(async () => (await ask('shop.example').catch(() => undefined))?.status === 200, {
        what: `the gateway on ${engine}`,
      });
      const lost = await ask('none.example');
      assert.equal(lost.status, 404);
      const told = await known(String(lost.headers['x-request-id']), 1);
      assert.deepEqual(
        [told.hops[0]?.addressed?.service, told.hops[0]?.addressed?.port],
        [`default/edge-${engine}`, listening],
      );
      assert.deepEqual([told.decision?.verdict, told.decision?.agrees], ['no-route', true], JSON.stringify(told));
      const passed = await ask('shop.example');
      const entered = await known(String(passed.headers['seen-id']), 2);
      assert.deepEqual(
        [entered.decision?.verdict, entered.decision?.agrees],
        ['allowed', true],
        JSON.stringify(entered),
      );
      // It is that client that is asked about, not anybody outside, whom the policy keeps out.
      const { address, client, certificate, identity, serverName } = entered.hops[0]?.record.entered ?? {};
      assert.deepEqual(
        { address, client, certificate, identity, serverName },
        { address: '127.0.0.1', client: '127.0.0.1', certificate: false, identity: '', serverName: '' },
      );
    });

  test('learn: too little is refused; what it proposes allows what was seen and nothing of what was refused', async () => {
    const early = await mesh.weft('learn');
    assert.equal(early.code, 1);
    assert.equal(early.stdout, '');
    assert.match(early.stderr, /Too little was seen to go by:\n {2}requests are told for .* only/);
    const { code, stdout, stderr } = await mesh.weft('learn', '--anyway');
    assert.equal(code, 0, stderr);
    for (const called of ENGINES)
      assert.match(stdout, new RegExp(`targetRefs: \\[\\{ kind: Service, name: called-${called} \\}\\]`));
    for (const caller of ENGINES) assert.ok(stdout.includes(`identities: ["default/caller-${caller}"]`), stdout);
    assert.match(stdout, /# \d+ calls, last seen 20\d\d-/);
    assert.match(stdout, /# NOT proposed: \d+ x refused \(401 or 403\): default\/caller-/);
    assert.match(stdout, /# TOO LITTLE: requests are told for/);
    const file = mesh.file(stdout);
    const planned = await mesh.weft('plan', '-f', file, '--seen', '--window', '10m', '-o', 'json');
    assert.equal(planned.code, 0, planned.stderr);
    const { seen } = JSON.parse(planned.stdout) as { seen: { differences: readonly unknown[]; requests: number } };
    assert.ok(seen.requests > 0);
    assert.deepEqual(seen.differences, []);
    const taken = await mesh.weft('apply', '-f', file, '--dry-run');
    assert.equal(taken.code, 0, taken.stderr);
    const narrow = await mesh.weft('learn', '--anyway', '--requests');
    assert.match(narrow.stdout, /paths: \[.*"\/orders\/\*".*\]/);
  });
});
