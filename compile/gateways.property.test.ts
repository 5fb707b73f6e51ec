/** Policies about a Gateway (docs/policy.md), over random ones: precedence, order of arrival, and listeners that share a port. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { assemble } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import type { ProxyConfig } from '@weft/core/proxy-config';
import type { StoredObject } from '@weft/core/resources';
import fc from 'fast-check';
import { compile } from './incremental/index.ts';

const SHOP = `${readFileSync(path.join(import.meta.dirname, 'behaviours/shop.yaml'), 'utf8')}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec:
  gatewayClassName: weft
  listeners:
    - { name: one, protocol: HTTP, port: 8080 }
    - { name: two, protocol: HTTP, port: 8080, hostname: two.example }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: orders, namespace: shop }
spec:
  parentRefs: [{ name: edge }]
  rules: [{ name: new, backendRefs: [{ name: orders, port: 80 }] }]
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: edge-1, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: edge } }
spec: { account: edge, addresses: [{ ip: 127.0.0.1 }], ports: [] }
`;

/** As listener one sees them, the most specific first. */
const TARGETS = [
  '{ kind: HTTPRoute, name: orders, sectionName: new }',
  '{ kind: HTTPRoute, name: orders }',
  '{ name: orders, sectionName: http }',
  '{ name: orders }',
  '{ kind: Gateway, name: edge, sectionName: one }',
  '{ kind: Gateway, name: edge }',
  '{ kind: Namespace, name: shop }',
  '{ kind: Mesh, name: default }',
];
const LISTENER = 4;
const GATEWAY = 5;

const KEYS = JSON.stringify({
  keys: [
    {
      kty: 'EC',
      crv: 'P-256',
      kid: 'k1',
      x: '52R45-IGKJCbSG7FxqmsemRudew49TaxZfHGhN3RI-0',
      y: 'Bmx0LPyJiY8ahIsglbCmOOQ53p--tmQH9ZLDulM3qEA',
    },
  ],
});
const SAYS: Readonly<Record<string, (number: number) => string>> = {
  TrafficPolicy: (number) => `timeouts: { request: ${number}ms }`,
  Fault: (number) => `faults: [{ abort: { httpStatus: ${200 + number} } }]`,
  RateLimit: (number) => `local: { requests: ${number} }`,
  Authentication: (number) => `issuers: [{ issuer: "https://issuer-${number}.example", keys: { jwks: '${KEYS}' } }]`,
};
const OF_ROUTES = ['TrafficPolicy', 'Fault', 'RateLimit'];

interface Stated {
  readonly kind: string;
  readonly target: number;
  readonly number: number;
  readonly age: number;
}
const stated: fc.Arbitrary<Stated> = fc
  .record({
    kind: fc.constantFrom(...Object.keys(SAYS)),
    target: fc.nat(TARGETS.length - 1),
    number: fc.integer({ min: 1, max: 300 }),
    age: fc.nat(2),
  })
  .filter(({ kind, target }) => target > 1 || OF_ROUTES.includes(kind));

const policy = ({ kind, target, number, age }: Stated, index: number): string => `
apiVersion: weft.dev/v1alpha1
kind: ${kind}
metadata: { name: p-${index}, namespace: shop, annotations: { created: "2026-01-02T00:00:0${age}Z" } }
spec: { targetRefs: [${TARGETS[target] ?? ''}], ${SAYS[kind]?.(number) ?? ''} }
`;

const proxy = sidecarOf('shop/edge-1', { role: 'gateway', gateway: 'shop/edge' });
const objects = (texts: readonly string[]): StoredObject[] => objectsFrom([SHOP, ...texts].join('\n---\n'));

function configOf(all: readonly StoredObject[]): ProxyConfig {
  const view = assemble(all, new Map()).views.get('default');
  assert.ok(view !== undefined);
  return compile(view, proxy).config;
}

/** Filters that a request for `domain` meets, by name, and the time limit of its route. */
function met(config: ProxyConfig, domain: string) {
  const terminal = config.listeners.get('gateway/tcp/8080')?.filterChains[0]?.terminal;
  assert.ok(terminal?.kind === 'http-connection-manager');
  const host = config.routes.get('gateway/shop/edge/8080')?.virtualHosts.find(({ domains }) => domains[0] === domain);
  const [route] = host?.routes ?? [];
  assert.ok(host !== undefined && route !== undefined);
  const levels = [...route.filterOverrides, ...host.filterOverrides];
  const said = (name: string) => levels.find(({ filter }) => filter === name);
  const on = terminal.manager.httpFilters.filter(({ name, disabled }) => !(said(name)?.disabled ?? disabled));
  return {
    filters: on,
    said: (name: string) => said(name)?.config,
    timeout: route.action.kind === 'forward' ? route.action.timeout : -1,
  };
}

/** The number that the winner says; `targets`: those that count, the most specific first. */
const winner = (list: readonly Stated[], kind: string, targets: readonly number[]): number | undefined =>
  list
    .map((one, index) => ({ ...one, rank: targets.indexOf(one.target), name: `p-${index}` }))
    .filter((one) => one.kind === kind && one.rank >= 0)
    .sort((a, b) => a.rank - b.rank || a.age - b.age || (a.name < b.name ? -1 : 1))[0]?.number;

test('the most specific counts: rule, route, service, listener, Gateway, namespace, mesh; a listener’s policies are not its neighbour’s', () => {
  fc.assert(
    fc.property(fc.array(stated, { minLength: 1, maxLength: 10 }), (list) => {
      const config = configOf(objects(list.map(policy)));
      for (const [domain, mine] of [
        ['*', true],
        ['two.example', false],
      ] as const) {
        const ranks = TARGETS.map((_, index) => index).filter((index) => mine || index !== LISTENER);
        const edge = mine ? [LISTENER, GATEWAY] : [GATEWAY];
        const { filters, said, timeout } = met(config, domain);
        assert.equal(timeout, winner(list, 'TrafficPolicy', ranks) ?? 0);
        const fault = said('fault/0');
        const abort = fault?.kind === 'fault' ? fault.abort?.status : undefined;
        const failing = winner(list, 'Fault', ranks);
        assert.deepEqual(abort, failing === undefined ? undefined : { kind: 'http', code: 200 + failing });
        const limits = filters.flatMap((filter) => {
          if (filter.kind !== 'local-rate-limit') return [];
          const own = said(filter.name);
          return [(own?.kind === 'local-rate-limit' ? own : filter).bucket?.tokensPerFill];
        });
        const wanted = [winner(list, 'RateLimit', edge), winner(list, 'RateLimit', [0, 1])];
        assert.deepEqual(
          limits,
          wanted.filter((one) => one !== undefined),
        );
        const issuers = filters.flatMap((filter) => (filter.kind === 'jwt-authn' ? [filter.providers[0]?.name] : []));
        const tokens = winner(list, 'Authentication', edge);
        assert.deepEqual(issuers, tokens === undefined ? [] : [`https://issuer-${tokens}.example`]);
      }
    }),
    { numRuns: 200 },
  );
});

test('the order of arrival does not matter', () => {
  fc.assert(
    fc.property(fc.array(stated, { maxLength: 10 }), fc.infiniteStream(fc.nat()), (list, keys) => {
      const all = objects(list.map(policy));
      const shuffled = all
        .map((object) => ({ object, key: keys.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ object }) => object);
      assert.deepEqual(configOf(shuffled), configOf(all));
    }),
    { numRuns: 60 },
  );
});

test('a policy about a Gateway holds also for what no route takes', () => {
  const config = configOf(objects([policy({ kind: 'Authentication', target: GATEWAY, number: 1, age: 0 }, 0)]));
  const terminal = config.listeners.get('gateway/tcp/8080')?.filterChains[0]?.terminal;
  assert.ok(terminal?.kind === 'http-connection-manager');
  assert.deepEqual(
    terminal.manager.httpFilters.map(({ name, disabled }) => ({ name, disabled })),
    [{ name: 'edge/authentication', disabled: false }],
  );
});

const FROM = '10.9.0.';
const taking = (target: string, last: number, age: number, index: number): string => `
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: p-${index}, namespace: shop, annotations: { created: "2026-01-02T00:00:0${age}Z" } }
spec:
  targetRefs: [{ kind: Gateway, name: edge${target === '' ? '' : `, sectionName: ${target}`} }]
  arrivals: ${last === 0 ? '{}' : `{ proxyProtocol: { from: [${FROM}${last}/32] } }`}
`;

test('PROXY headers are a port’s: of policies about any of its listeners the oldest counts, then those about the Gateway', () => {
  const said = fc.record({ target: fc.constantFrom('', 'one', 'two'), last: fc.nat(3), age: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 6 }), (list) => {
      const config = configOf(objects(list.map(({ target, last, age }, index) => taking(target, last, age, index))));
      const [first] = list
        .map((one, index) => ({ ...one, rank: one.target === '' ? 1 : 0, index }))
        .sort((a, b) => a.rank - b.rank || a.age - b.age || a.index - b.index);
      const listener = config.listeners.get('gateway/tcp/8080');
      const taken = first !== undefined && first.last > 0;
      assert.deepEqual(
        listener?.listenerFilters.map(({ kind }) => kind),
        taken ? ['proxy-protocol'] : [],
      );
      const [guard] = listener?.filterChains[0]?.networkFilters ?? [];
      const text = JSON.stringify(guard);
      assert.equal(guard?.kind === 'rbac' && text.includes(`${FROM}${first?.last}/32`), taken, text);
    }),
    { numRuns: 60 },
  );
});
