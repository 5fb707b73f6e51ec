/** Gateway API's rules for conflicts: the same objects in any order give the same view and the same statuses, made at once or one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StoredObject } from '../../resources/index.ts';
import { intersection, isWider } from '../host-names.ts';
import { assemble, type Assembly } from './index.ts';

const GROUP = 'gateway.networking.k8s.io';
const HOSTS = ['*.a', 'x.a', 'y.x.a', '*.x.a', 'b'];
const TIMES = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];

const stored = (kind: string, name: string, namespace: string, created: string, spec: unknown): StoredObject => ({
  apiVersion: kind === 'Service' ? 'v1' : `${GROUP}/v1`,
  kind,
  metadata: {
    name,
    namespace,
    uid: `${kind}/${namespace}/${name}`,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: created,
    labels: {},
    annotations: {},
  },
  spec,
});

const namespace = fc.constantFrom('default', 'other');
const hostname = fc.option(fc.constantFrom(...HOSTS), { nil: undefined });

const listener = fc.record({
  hostname,
  port: fc.constantFrom(80, 81),
  protocol: fc.constantFrom('HTTP', 'TCP', 'TLS'),
  from: fc.constantFrom('All', 'Same'),
});

const gateway = fc
  .record({ namespace, name: fc.constantFrom('g', 'h'), listeners: fc.array(listener, { minLength: 1, maxLength: 4 }) })
  .map(({ namespace: own, name, listeners }) =>
    stored('Gateway', name, own, TIMES[0] ?? '', {
      gatewayClassName: 'weft',
      listeners: listeners.map(({ from, hostname: host, ...rest }, index) => ({
        name: `l${index}`,
        ...rest,
        ...(rest.protocol === 'TCP' ? {} : { hostname: host }),
        ...(rest.protocol === 'TLS' ? { tls: { mode: 'Passthrough' } } : {}),
        allowedRoutes: { namespaces: { from } },
      })),
    }),
  );

const route = fc
  .record({
    kind: fc.constantFrom('HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute'),
    namespace,
    name: fc.constantFrom('r', 's', 't'),
    created: fc.constantFrom(...TIMES),
    hostnames: fc.uniqueArray(fc.constantFrom(...HOSTS), { minLength: 1, maxLength: 2 }),
    gateway: fc.constantFrom('g', 'h'),
    at: namespace,
    section: fc.option(fc.constantFrom('l0', 'l1'), { nil: undefined }),
    backend: fc.record({
      name: fc.constantFrom('svc', 'absent'),
      namespace,
      port: fc.constant(80),
      weight: fc.constant(1),
    }),
  })
  .map(({ kind, namespace: own, name, created, hostnames, gateway: parent, at, section, backend }) =>
    stored(kind, name, own, created, {
      parentRefs: [{ group: GROUP, kind: 'Gateway', name: parent, namespace: at, sectionName: section }],
      ...(kind === 'TCPRoute' ? {} : { hostnames }),
      rules: [
        {
          ...(kind === 'HTTPRoute' ? { matches: [{ path: { type: 'PathPrefix', value: '/' } }] } : {}),
          ...(kind === 'GRPCRoute' ? { matches: [] } : {}),
          backendRefs: [{ group: '', kind: 'Service', ...backend }],
        },
      ],
    }),
  );

const grant = namespace.map((own) =>
  stored('ReferenceGrant', 'grant', own, TIMES[0] ?? '', {
    from: [{ group: GROUP, kind: 'HTTPRoute', namespace: own === 'default' ? 'other' : 'default' }],
    to: [{ group: '', kind: 'Service' }],
  }),
);

const FIXED: readonly StoredObject[] = [
  { ...stored('Namespace', 'other', '', TIMES[0] ?? '', {}), apiVersion: 'v1' },
  ...['default', 'other'].map((own) =>
    stored('Service', 'svc', own, TIMES[0] ?? '', {
      selector: { app: 'svc' },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', appProtocol: 'http' }],
    }),
  ),
];

const objects = fc
  .uniqueArray(
    fc.oneof({ weight: 1, arbitrary: gateway }, { weight: 3, arbitrary: route }, { weight: 1, arbitrary: grant }),
    {
      selector: ({ metadata }) => metadata.uid,
      maxLength: 10,
    },
  )
  .chain((list) => fc.shuffledSubarray(list, { minLength: list.length }).map((shuffled) => ({ list, shuffled })));

const outcome = ({ views, statuses }: Assembly): unknown => ({
  views: [...views].map(([name, view]) => [name, view.gateway, view.listenerRoutes]),
  statuses: statuses.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
});

test('the order of arrival changes nothing, and neither does whether objects came at once or one by one', () => {
  fc.assert(
    fc.property(objects, ({ list, shuffled }) => {
      const whole = assemble([...FIXED, ...list], new Map());
      assert.deepEqual(outcome(assemble([...shuffled, ...FIXED], new Map())), outcome(whole));
      let grown = assemble(FIXED, new Map());
      for (const [index] of shuffled.entries())
        grown = assemble([...FIXED, ...shuffled.slice(0, index + 1)], new Map(), grown);
      assert.deepEqual(outcome(grown), outcome(whole));
    }),
    { numRuns: 300 },
  );
});

test('at one name of a listener the oldest decides, and no name of a listener is one that it does not have', () => {
  fc.assert(
    fc.property(objects, ({ list }) => {
      const view = assemble([...FIXED, ...list], new Map()).views.get('default');
      for (const { listeners } of view?.gateway.values() ?? []) {
        for (const { key, hostname: own } of listeners) {
          for (const { domain } of view?.listenerRoutes.get(key)?.hosts ?? [])
            assert.equal(intersection(own, domain === '*' ? '' : domain), domain === '*' ? '' : domain);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('what two names have in common is the narrower, whoever is asked first', () => {
  const names = fc.constantFrom('', ...HOSTS, 'a', 'xa', '*.b');
  fc.assert(
    fc.property(names, names, (a, b) => {
      assert.equal(intersection(a, b), intersection(b, a));
      if (isWider(a, b)) assert.equal(intersection(a, b), b);
      assert.ok(!(isWider(a, b) && isWider(b, a)));
    }),
  );
  assert.equal(intersection('*.a', 'a'), undefined);
  assert.equal(intersection('*.a', 'xa'), undefined);
  assert.equal(intersection('*.a', 'y.x.a'), 'y.x.a');
  assert.equal(intersection('*.a', '*.x.a'), '*.x.a');
});
