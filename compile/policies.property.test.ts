/**
 * What docs/policy.md promises of policies, whatever there is: the order in which objects arrive does not matter, an object that is about
 * nothing of ours changes nothing, a DENY is never outvoted, and the most specific policy counts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { assemble, type Assembly } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import type { StoredObject } from '@weft/core/resources';
import fc from 'fast-check';
import { explain, GET_ROOT, isAnswer, World } from './answers/index.ts';
import { compile } from './incremental/index.ts';

const SHOP = `${readFileSync(path.join(import.meta.dirname, 'behaviours/shop.yaml'), 'utf8')}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: orders, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: orders }]
  rules:
    - { name: new, matches: [{ path: { value: /new } }], backendRefs: [{ name: orders-v2, port: 80 }] }
    - backendRefs: [{ name: orders, port: 80 }]
`;

/** The most specific first. */
const TARGETS = [
  '{ kind: HTTPRoute, name: orders, sectionName: new }',
  '{ kind: HTTPRoute, name: orders }',
  '{ name: orders, sectionName: http }',
  '{ name: orders }',
  '{ kind: Namespace, name: shop }',
  '{ kind: Mesh, name: default }',
];
/** Services, namespace and mesh: what AccessPolicies know. */
const CALLED = TARGETS.slice(2);

/** `number` tells policies apart, in what they say. */
const KINDS: Readonly<Record<string, (number: number) => string>> = {
  TrafficPolicy: (number) => `timeouts: { request: ${number}ms }, limits: { requests: ${number} }`,
  Fault: (number) => `faults: [{ abort: { httpStatus: ${200 + number} } }]`,
  RateLimit: (number) => `local: { requests: ${number} }`,
};

interface Stated {
  readonly kind: string;
  readonly target: number;
  readonly number: number;
  readonly age: number;
  /** Of a TrafficPolicy, whose calls it is about: everybody’s, the caller’s, somebody else’s. */
  readonly whose: number;
}

const WHOSE = ['', 'from: [{ accounts: [web] }], ', 'from: [{ accounts: [other] }], '];

const stated: fc.Arbitrary<Stated> = fc.record({
  kind: fc.constantFrom(...Object.keys(KINDS)),
  target: fc.nat(TARGETS.length - 1),
  number: fc.integer({ min: 1, max: 300 }),
  age: fc.nat(2),
  whose: fc.nat(2),
});

const policy = ({ kind, target, number, age, whose }: Stated, index: number): string => `
apiVersion: weft.dev/v1alpha1
kind: ${kind}
metadata: { name: p-${index}, namespace: shop, annotations: { created: "2026-01-02T00:00:0${age}Z" } }
spec: { targetRefs: [${TARGETS[target] ?? ''}], ${kind === 'TrafficPolicy' ? (WHOSE[whose] ?? '') : ''}${KINDS[kind]?.(number) ?? ''} }
`;

const access = (action: string, from: string, target: string, index: number): string => `
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: a-${index}, namespace: shop }
spec: { action: ${action}, ${action === 'EXTERNAL' ? 'extension: opa, ' : ''}targetRefs: [${target}], rules: [{ from: [{ accounts: [${from}] }] }] }
`;

const OPA = `
apiVersion: v1
kind: Service
metadata: { name: opa, namespace: shop }
spec: { selector: { app: opa }, ports: [{ name: grpc, port: 9191, appProtocol: grpc }] }
---
apiVersion: weft.dev/v1alpha1
kind: Extension
metadata: { name: opa, namespace: shop }
spec: { authorization: { service: { name: opa } } }
`;

const proxy = sidecarOf('shop/web-1', { upstreams: [{ service: 'shop/orders', port: undefined, localPort: 9000 }] });
const called = sidecarOf('shop/orders-1');

const outcome = (objects: readonly StoredObject[]): { readonly made: Assembly; readonly configs: unknown } => {
  const made = assemble(objects, new Map());
  const view = made.views.get('default');
  assert.ok(view !== undefined);
  return { made, configs: [compile(view, proxy), compile(view, called)] };
};

/** Stored with what each says about its age; names and uids stay with their objects. */
const objects = (texts: readonly string[]): StoredObject[] => objectsFrom([SHOP, ...texts].join('\n---\n'));

test('the order of arrival does not matter', () => {
  fc.assert(
    fc.property(fc.array(stated, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (list, keys) => {
      const all = objects(list.map(policy));
      const shuffled = all
        .map((object) => ({ object, key: keys.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ object }) => object);
      const [one, other] = [outcome(all), outcome(shuffled)];
      assert.deepEqual(other.configs, one.configs);
      assert.deepEqual(other.made.statuses, one.made.statuses);
    }),
    { numRuns: 60 },
  );
});

test('what is about another service, or a route of another, changes nothing', () => {
  const elsewhere = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: inventory, namespace: shop }
spec: { parentRefs: [{ group: "", kind: Service, name: inventory }], rules: [{ backendRefs: [{ name: inventory, port: 50051 }] }] }
`;
  fc.assert(
    fc.property(fc.array(stated, { maxLength: 8 }), fc.array(stated, { maxLength: 8 }), (list, others) => {
      const texts = list.map(policy);
      const unrelated = others.map((one, index) => {
        const target = one.target < 2 ? '{ kind: HTTPRoute, name: inventory }' : '{ name: inventory }';
        return policy(one, 100 + index).replace(TARGETS[one.target] ?? '', target);
      });
      assert.deepEqual(outcome(objects([...texts, elsewhere, ...unrelated])).configs, outcome(objects(texts)).configs);
    }),
    { numRuns: 60 },
  );
});

test('a DENY is never outvoted', () => {
  const any = fc.record({
    action: fc.constantFrom('ALLOW', 'DENY', 'EXTERNAL', 'AUDIT'),
    from: fc.constantFrom('web', 'orders', 'other'),
    target: fc.constantFrom(...CALLED),
  });
  fc.assert(
    fc.property(fc.constantFrom(...CALLED), fc.array(any, { maxLength: 8 }), (target, others) => {
      const texts = others.map((one, index) => access(one.action, one.from, one.target, index));
      const answer = explain(new World(objects([...texts, access('DENY', 'web', target, 99)])), {
        from: { kind: 'workload', key: 'shop/web-1' },
        to: 'shop/orders',
        port: 80,
        request: GET_ROOT,
      });
      assert.ok(isAnswer(answer));
      assert.equal(answer.verdict.kind, 'denied');
    }),
    { numRuns: 60 },
  );
});

test('an AUDIT decides nothing, and an EXTERNAL never allows what else is refused', () => {
  const any = fc.record({
    action: fc.constantFrom('ALLOW', 'DENY'),
    from: fc.constantFrom('web', 'orders', 'other'),
    target: fc.constantFrom(...CALLED),
  });
  const verdict = (texts: readonly string[]): string => {
    const answer = explain(new World(objects(texts)), {
      from: { kind: 'workload', key: 'shop/web-1' },
      to: 'shop/orders',
      port: 80,
      request: GET_ROOT,
    });
    assert.ok(isAnswer(answer));
    return answer.verdict.kind;
  };
  fc.assert(
    fc.property(fc.array(any, { maxLength: 6 }), fc.constantFrom(...CALLED), fc.boolean(), (list, target, there) => {
      const texts = list.map((one, index) => access(one.action, one.from, one.target, index));
      const plain = verdict(texts);
      assert.equal(verdict([...texts, access('AUDIT', 'web', target, 99)]), plain);
      const extended = verdict([...texts, ...(there ? [OPA] : []), access('EXTERNAL', 'web', target, 99)]);
      // Without its Extension what it matches is refused.
      assert.equal(extended, there ? plain : 'denied');
    }),
    { numRuns: 60 },
  );
});

test('of several the most specific counts, then those of named callers, of equals the oldest, then the first by name', () => {
  fc.assert(
    fc.property(fc.array(stated, { minLength: 1, maxLength: 10 }), (list) => {
      const { configs } = outcome(objects(list.map(policy)));
      const [{ config }] = configs as [ReturnType<typeof compile>];
      const [route] = config.routes.get('outbound/shop/orders/80')?.virtualHosts[0]?.routes ?? [];
      const winner = (kind: string): number | undefined =>
        list
          .map((one, index) => ({ ...one, name: `p-${index}` }))
          .filter((one) => one.kind === kind && (kind !== 'TrafficPolicy' || one.whose < 2))
          .map((one) => ({ ...one, rank: kind === 'TrafficPolicy' ? -one.whose : 0 }))
          .sort((a, b) => a.target - b.target || a.rank - b.rank || a.age - b.age || (a.name < b.name ? -1 : 1))[0]
          ?.number;
      const fault = route?.filterOverrides.find(({ filter }) => filter === 'fault/0')?.config;
      const status = fault?.kind === 'fault' ? fault.abort?.status : undefined;
      const expected = winner('Fault');
      assert.deepEqual(status, expected === undefined ? undefined : { kind: 'http', code: 200 + expected });
      assert.equal(route?.action.kind === 'forward' ? route.action.timeout : -1, winner('TrafficPolicy') ?? 0);
    }),
    { numRuns: 100 },
  );
});
