/** Recorded requests through two configurations: what is read of a line, what is told apart, and that a long log is few questions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerKeyOf, compareHappened, populate, type SeenPlan, World } from '@weft/compile/answers';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import type { StoredObject } from '@weft/core/resources';
import { LogReader, type Replayed } from './replay.ts';

const SERVICES = ['orders', 'orders-v1', 'orders-v2']
  .map(
    (name) => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
`,
  )
  .join('');

const mesh = (backend: string, account: string): readonly StoredObject[] =>
  objectsFrom(`apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
${SERVICES}apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: orders, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: orders }]
  rules:
    - matches: [{ path: { value: /new } }]
      backendRefs: [{ name: ${backend}, port: 80 }]
    - backendRefs: [{ name: orders-v1, port: 80 }]
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: orders, namespace: shop }
spec:
  targetRefs: [{ kind: Service, name: orders-v1 }]
  action: ALLOW
  rules: [{ from: [{ accounts: [${account}] }] }]
`);

const BEFORE = mesh('orders-v1', 'web');

const read = (lines: readonly (object | string)[], from?: string): Replayed => {
  const reader = new LogReader(BEFORE, { from, to: undefined, namespace: 'shop' });
  for (const line of lines) reader.take(typeof line === 'string' ? line : JSON.stringify(line));
  return reader.result;
};

function compared(log: Replayed, after: readonly StoredObject[]): SeenPlan {
  const callers = [...log.seen.flatMap(({ happened }) => callerKeyOf(happened) ?? []), 'shop/web', 'shop/batch'];
  const world = (objects: readonly StoredObject[]): World =>
    new World(populate(objects, { service: undefined, caller: undefined, running: false, callers }).objects);
  return compareHappened(world(BEFORE), world(after), log.seen);
}

const line = (changes: object): object => ({
  method: 'GET',
  path: '/',
  authority: 'orders',
  route_name: 'HTTPRoute/shop/orders#spec.rules[1]',
  upstream_cluster: 'outbound/shop/orders-v1/80',
  source_principal: 'spiffe://weft.local/ns/shop/sa/web',
  ...changes,
});

test('a change of a policy and of a route: each difference with its count, its source and an example', () => {
  const log = read([
    ...Array.from({ length: 30 }, () => line({})),
    ...Array.from({ length: 12 }, () => line({ path: '/new' })),
  ]);
  assert.equal(log.seen.length, 2);
  const { differences, requests, asked, unasked } = compared(log, mesh('orders-v2', 'batch'));
  assert.deepEqual(
    differences.map(({ kind, caller, service, path, count, example }) => [kind, caller, service, path, count, example]),
    [
      ['denied', 'shop/web', 'shop/orders', '/', 30, 'line 1'],
      ['rerouted', 'shop/web', 'shop/orders', '/new', 12, 'line 31'],
    ],
  );
  assert.match(differences[1]?.after ?? '', /orders-v2/);
  assert.deepEqual([requests, asked, unasked], [42, 2, []]);
  assert.deepEqual(compared(log, BEFORE).differences, []);
});

test('who called and what was asked, by the words of Weft, Envoy and Istio', () => {
  const service = (given: object | string, from?: string): unknown => {
    const [one] = read([given], from).seen;
    return one === undefined
      ? undefined
      : [callerKeyOf(one.happened), one.happened.addressed?.service, one.happened.addressed?.port];
  };
  assert.deepEqual(service(line({})), ['shop/web', 'shop/orders', undefined]);
  assert.deepEqual(
    service(line({ route_name: '-', upstream_cluster: 'outbound|80||orders-v1.shop.svc.cluster.local' })),
    ['shop/web', 'shop/orders-v1', 80],
  );
  assert.deepEqual(
    service({
      method: 'GET',
      path: '/',
      destination_service: 'orders.shop.svc.cluster.local:80',
      source_workload: 'web',
      source_workload_namespace: 'other',
    }),
    ['other/web', 'shop/orders', 80],
  );
  // As `weft logs -o json` has it.
  const tapped = {
    workload: 'shop/web-x7k2p',
    direction: 'outbound',
    method: 'GET',
    path: '/',
    identity: 'spiffe://weft.local/ns/shop/sa/orders',
    route: 'HTTPRoute/shop/orders#spec.rules[1]',
    service: 'shop/orders-v1',
  };
  assert.deepEqual(service(tapped), ['shop/web', 'shop/orders', undefined]);
  assert.deepEqual(
    service({
      ...tapped,
      workload: 'shop/orders-v1-x7k2p',
      direction: 'inbound',
      identity: 'spiffe://weft.local/ns/shop/sa/web',
      route: '',
      service: '',
    }),
    ['shop/web', 'shop/orders-v1', undefined],
  );
  assert.deepEqual(service({ ':method': 'GET', ':path': '/', service: 'orders' }, 'shop/web'), [
    'shop/web',
    'shop/orders',
    undefined,
  ]);
});

test('lines that are no request are told by number, and the others count', () => {
  const { faults, faulty, lines, seen } = read([
    line({}),
    'GET / 200',
    '[1]',
    { path: '/' },
    { method: 'GET', path: '/' },
    { method: 'GET', path: '/', service: 'orders' },
    '',
    line({}),
  ]);
  assert.deepEqual(
    faults.map((fault) => fault.line),
    [2, 3, 4, 5, 6],
  );
  for (const [index, words] of [
    'not JSON',
    'no JSON object',
    'no method',
    'names no service',
    'names no caller',
  ].entries())
    assert.ok(faults[index]?.reason.includes(words), faults[index]?.reason);
  assert.deepEqual([faulty, lines, seen.length, seen[0]?.count], [5, 8, 1, 2]);
});

test('callers that nobody knows are left out and counted', () => {
  const log = read([
    line({ source_principal: 'spiffe://weft.local/ns/shop/sa/gone' }),
    line({ route_name: '', upstream_cluster: 'outbound/shop/nothing/80' }),
  ]);
  const world = new World(
    populate(BEFORE, { service: undefined, caller: undefined, running: false, accounts: true }).objects,
  );
  const { unasked, requests } = compareHappened(world, world, log.seen);
  assert.equal(requests, 0);
  assert.deepEqual(
    unasked.map(({ reason, count }) => [/no workload|no Service/.test(reason), count]),
    [
      [true, 1],
      [true, 1],
    ],
  );
});

test('100,000 lines of few kinds are few questions', () => {
  const log = read(
    Array.from({ length: 100_000 }, (_, index) =>
      line({ path: `/orders/${index % 20}`, request_id: `id-${index}`, duration: index % 90 }),
    ),
  );
  assert.equal(log.seen.length, 20);
  const { differences, asked } = compared(log, mesh('orders-v1', 'batch'));
  assert.equal(asked, 20);
  assert.deepEqual(
    differences.map(({ kind, count, shapes }) => [kind, count, shapes]),
    [['denied', 100_000, 20]],
  );
});

test('who entered by a Gateway, by the words of a tap and of Envoy; addresses that no rule tells apart are one question', () => {
  const edge = (after: string): StoredObject[] =>
    objectsFrom(`apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
${SERVICES}apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { gatewayClassName: weft, listeners: [{ name: http, protocol: HTTP, port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: edge, namespace: shop }
spec: { parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: orders, port: 80 }] }] }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: edge, namespace: shop }
spec: { targetRefs: [{ kind: Gateway, name: edge }], action: DENY, rules: [{ from: [{ ipBlocks: [${after}] }] }] }
`);
  const before = edge('192.0.2.1');
  const reader = new LogReader(before, {
    from: undefined,
    to: { service: 'shop/edge', port: 80, gateway: true },
    namespace: 'shop',
  });
  const told = { certificate: false, identity: '', serverName: '' };
  for (let at = 0; at < 200; at += 1) {
    const address = `192.0.2.${at + 2}`;
    const asked = { method: 'GET', path: '/', authority: 'shop.example' };
    reader.take(
      JSON.stringify(
        at % 2 === 0
          ? { ...asked, entered: { ...told, address, client: address } }
          : { ...asked, downstream_direct_remote_address: `${address}:1024` },
      ),
    );
  }
  const { seen, faults } = reader.result;
  assert.deepEqual(faults, []);
  assert.equal(seen.length, 200);
  assert.deepEqual(
    seen.slice(0, 2).map(({ happened }) => [happened.entered?.address, happened.entered?.client]),
    [
      ['192.0.2.2', '192.0.2.2'],
      ['192.0.2.3', '192.0.2.3'],
    ],
  );
  const world = (objects: readonly StoredObject[]): World =>
    new World(populate(objects, { service: undefined, caller: undefined, gateway: '*', running: false }).objects);
  const { differences, requests, asked } = compareHappened(world(before), world(edge('192.0.2.0/28')), seen);
  assert.deepEqual(
    differences.map(({ kind, count }) => [kind, count]),
    [['denied', 14]],
  );
  // Inside the range or not, with a server name told or taken from the host.
  assert.deepEqual([requests, asked], [200, 4]);
});
