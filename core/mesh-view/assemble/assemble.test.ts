import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredObject } from '../../resources/index.ts';
import type { WorkloadLiveness } from '../liveness.ts';
import { objectsFrom } from '../testing/index.ts';
import { assemble, type Assembly, type ObjectStatus } from './index.ts';

const SHOP = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: shop }
spec: { selector: { app: orders }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: v1
kind: Service
metadata: { name: orders-v2, namespace: shop }
spec: { selector: { app: orders, version: v2 }, ports: [{ port: 80, appProtocol: http, targetPort: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: db, namespace: shop }
spec: { selector: { app: db }, ports: [{ name: sql, port: 5432 }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: orders-1, namespace: shop, labels: { app: orders, version: v1 } }
spec:
  addresses: [{ ip: 127.0.0.1 }]
  account: orders
  ports: [{ name: admin, port: 9090, protocol: http, proxyPort: 15001 }, { name: http, port: 8080, protocol: http, proxyPort: 15002 }]
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: orders-2, namespace: shop, labels: { app: orders, version: v2 } }
spec:
  addresses: [{ ip: "::1" }]
  account: orders-next
  ports: [{ name: web, port: 8080, protocol: http, proxyPort: 15003 }]
`;

const build = (yaml: string, liveness: WorkloadLiveness = new Map()): Assembly => assemble(objectsFrom(yaml), liveness);

const view = (assembly: Assembly, mesh = 'default') => {
  const found = assembly.views.get(mesh);
  assert.ok(found !== undefined);
  return found;
};

const status = (assembly: Assembly, kind: string, name: string): ObjectStatus => {
  const found = assembly.statuses.find((candidate) => candidate.kind === kind && candidate.name === name);
  assert.ok(found !== undefined, `${kind}/${name} has no status`);
  return found;
};

const conditions = (of: ObjectStatus, parent = 0): string[] =>
  (of.parents[parent]?.conditions ?? of.conditions).map(
    ({ type, status: value, reason }) => `${type}=${value} ${reason}`,
  );

const route = (name: string, rules: string, parent = 'name: orders'): string => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, ${parent} }]
  rules: ${rules}
`;

test('a service port leads to the workload port by targetPort, else by name, else the only one', () => {
  const { endpoints, identities } = view(build(SHOP));
  assert.deepEqual(
    endpoints.get('shop/orders/80')?.map(({ workload, port }) => [workload, port]),
    [
      ['shop/orders-1', 15_002],
      ['shop/orders-2', 15_003],
    ],
  );
  assert.deepEqual(
    endpoints.get('shop/orders-v2/80')?.map(({ workload }) => workload),
    ['shop/orders-2'],
  );
  assert.equal(endpoints.get('shop/db/5432'), undefined);
  assert.deepEqual(identities.get('shop/orders/80'), [
    'spiffe://weft.local/ns/shop/sa/orders',
    'spiffe://weft.local/ns/shop/sa/orders-next',
  ]);
});

test('readiness and drain take endpoints away, never identities', () => {
  const liveness: WorkloadLiveness = new Map([
    ['shop/orders-1', { ready: new Set([9090]), draining: false }],
    ['shop/orders-2', { ready: new Set([8080]), draining: true }],
  ]);
  const { endpoints, identities } = view(build(SHOP, liveness));
  assert.equal(endpoints.get('shop/orders/80'), undefined);
  assert.equal(identities.get('shop/orders/80')?.length, 2);
});

test('references that do not resolve: the route stays accepted, its shares are broken, the condition says why', () => {
  const made = build(
    SHOP +
      route(
        'orders',
        `
    - backendRefs:
        - { name: orders-v2, port: 80, weight: 9 }
        - { name: gone, port: 80 }
        - { name: orders, port: 81 }
        - { name: orders, namespace: other, port: 80 }
        - { group: weft.dev, kind: Bucket, name: b }`,
      ),
  );
  const [entry] = view(made).httpRules.get('shop/orders/80') ?? [];
  assert.deepEqual(
    entry?.rule.backends.map(({ kind, weight }) => [kind, weight]),
    [
      ['service', 9],
      ['broken', 1],
      ['broken', 1],
      ['broken', 1],
      ['broken', 1],
    ],
  );
  const of = status(made, 'HTTPRoute', 'orders');
  assert.deepEqual(conditions(of), ['Accepted=True Accepted', 'ResolvedRefs=False BackendNotFound']);
  assert.deepEqual(
    of.findings.map(({ code, place }) => [code, place.object, place.path]),
    [
      ['backend-not-found', 'HTTPRoute/shop/orders', 'spec.rules[0].backendRefs[1].name'],
      ['backend-not-found', 'HTTPRoute/shop/orders', 'spec.rules[0].backendRefs[2].port'],
      ['ref-not-permitted', 'HTTPRoute/shop/orders', 'spec.rules[0].backendRefs[3].namespace'],
      ['invalid-kind', 'HTTPRoute/shop/orders', 'spec.rules[0].backendRefs[4].kind'],
    ],
  );
});

test('parents that are not there, or do not fit, are refused by reference', () => {
  const one = '[{ backendRefs: [{ name: orders, port: 80 }] }]';
  const made = build(
    SHOP +
      route('absent', one, 'name: gone') +
      route('port', one, 'name: orders, port: 81') +
      route('tcp', one, 'name: db') +
      route('section', one, 'name: orders, sectionName: http'),
  );
  for (const name of ['absent', 'port', 'tcp']) {
    assert.equal(conditions(status(made, 'HTTPRoute', name))[0], 'Accepted=False NoMatchingParent');
  }
  assert.equal(conditions(status(made, 'HTTPRoute', 'section'))[0], 'Accepted=True Accepted');
  assert.deepEqual([...view(made).httpRules.keys()], ['shop/orders/80']);
});

test('of two equal matches the older route decides and the younger is told', () => {
  const a =
    '[{ matches: [{ path: { value: /a } }, { path: { value: /b } }], backendRefs: [{ name: orders, port: 80 }] }]';
  const b = '[{ matches: [{ path: { value: /b/ } }], backendRefs: [{ name: orders-v2, port: 80 }] }]';
  const made = build(SHOP + route('zebra', a) + route('ant', b));
  assert.deepEqual(
    view(made)
      .httpRules.get('shop/orders/80')
      ?.map(({ source }) => source),
    ['HTTPRoute/shop/zebra#spec.rules[0].matches[0]', 'HTTPRoute/shop/zebra#spec.rules[0].matches[1]'],
  );
  assert.deepEqual(conditions(status(made, 'HTTPRoute', 'ant')), [
    'Accepted=True Accepted',
    'ResolvedRefs=True ResolvedRefs',
    'Conflicted=True EqualMatch',
  ]);
  assert.deepEqual(conditions(status(made, 'HTTPRoute', 'zebra')), [
    'Accepted=True Accepted',
    'ResolvedRefs=True ResolvedRefs',
  ]);
});

test('precedence: exact, expression, longest prefix, method, headers, query', () => {
  const rules = `
    - { name: all, backendRefs: [{ name: orders, port: 80 }] }
    - matches: [{ path: { value: /a }, queryParams: [{ name: q, value: x }] }]
    - matches: [{ path: { value: /a }, headers: [{ name: H, value: x }] }]
    - matches: [{ path: { value: /a }, method: GET }]
    - matches: [{ path: { value: /a/b } }]
    - matches: [{ path: { type: RegularExpression, value: "/a/[0-9]+" } }]
    - matches: [{ path: { type: Exact, value: /a } }]
    - matches: [{ path: { value: /a } }]`;
  const order = view(build(SHOP + route('orders', rules)))
    .httpRules.get('shop/orders/80')
    ?.map(({ source }) => source.replace('HTTPRoute/shop/orders#spec.', ''));
  assert.deepEqual(order, [
    'rules[6]',
    'rules[5]',
    'rules[4]',
    'rules[3]',
    'rules[2]',
    'rules[1]',
    'rules[7]',
    'rules[0]',
  ]);
});

test('a filter that asks is one of rules: at a backend it rejects its route; one that is not there is kept, as missing', () => {
  const filter = '{ type: ExtensionRef, extensionRef: { group: a.example, kind: A, name: a } }';
  const rejected = build(
    SHOP + route('orders', `[{ backendRefs: [{ name: orders, port: 80, filters: [${filter}] }] }]`),
  );
  assert.equal(conditions(status(rejected, 'HTTPRoute', 'orders'))[0], 'Accepted=False UnsupportedValue');
  assert.equal(view(rejected).httpRules.size, 0);
  const missing = build(
    SHOP + route('orders', `[{ filters: [${filter}], backendRefs: [{ name: orders, port: 80 }] }]`),
  );
  assert.deepEqual(conditions(status(missing, 'HTTPRoute', 'orders')), [
    'Accepted=True Accepted',
    'ResolvedRefs=False InvalidKind',
  ]);
  const [entry] = view(missing).httpRules.get('shop/orders/80') ?? [];
  assert.deepEqual(
    entry?.rule.filters.map(({ kind }) => kind),
    ['missing'],
  );
});

test('a mirror that does not resolve is told, and the route counts without it', () => {
  const mirror = (name: string): string =>
    `{ type: RequestMirror, requestMirror: { backendRef: { name: ${name}, port: 5432 } } }`;
  const rules = `[{ filters: [${mirror('gone')}, ${mirror('db')}], backendRefs: [{ name: orders, port: 80, filters: [${mirror('away')}] }] }]`;
  const made = build(SHOP + route('orders', rules));
  assert.deepEqual(conditions(status(made, 'HTTPRoute', 'orders')), [
    'Accepted=True Accepted',
    'ResolvedRefs=False BackendNotFound',
  ]);
  const [entry] = view(made).httpRules.get('shop/orders/80') ?? [];
  assert.deepEqual(
    entry?.rule.filters.map((filter) => filter.kind === 'mirror' && [filter.service, filter.share]),
    [['shop/db', { numerator: 100, denominator: 100 }]],
  );
});

test('the oldest TCPRoute on a port counts', () => {
  const tcp = (name: string, backend: string): string => `
---
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: { name: ${name}, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: db }]
  rules: [{ backendRefs: [{ name: ${backend}, port: 5432 }] }]
`;
  const made = build(SHOP + tcp('b', 'db') + tcp('a', 'gone'));
  assert.equal(view(made).tcpRule.get('shop/db/5432')?.source, 'TCPRoute/shop/b#spec.rules[0]');
  assert.deepEqual(conditions(status(made, 'TCPRoute', 'a')), [
    'Accepted=True Accepted',
    'ResolvedRefs=False BackendNotFound',
    'Conflicted=True Conflicted',
  ]);
});

test('nothing of another mesh, of a namespace without its mesh, or without a namespace is in a view', () => {
  const made = build(`${SHOP}
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: other }
spec: { trustDomain: other.example }
---
apiVersion: v1
kind: Namespace
metadata: { name: theirs, labels: { weft.dev/mesh: other } }
---
apiVersion: v1
kind: Service
metadata: { name: s, namespace: theirs }
spec: { selector: { app: s }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Namespace
metadata: { name: lost, labels: { weft.dev/mesh: nowhere } }
---
apiVersion: v1
kind: Service
metadata: { name: s, namespace: lost }
spec: { ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: s, namespace: nowhere }
spec: { ports: [{ port: 80 }] }
`);
  assert.deepEqual([...view(made).service.keys()], ['shop/db', 'shop/orders', 'shop/orders-v2']);
  assert.deepEqual([...view(made, 'other').service.keys()], ['theirs/s']);
  assert.equal(view(made, 'other').mesh.get('')?.trustDomain, 'other.example');
  assert.deepEqual(made.diagnostics.map(({ code }) => code).sort(), ['mesh-not-found', 'namespace-not-found']);
});

test('policies by target, conflicts section by section, absent targets', () => {
  const policy = (name: string, target: string, sections: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: ${name}, namespace: shop }
spec: { targetRefs: [${target}], ${sections} }
`;
  const made = build(
    SHOP +
      policy('b', '{ name: orders }', 'timeouts: { request: 1s }') +
      policy('a', '{ name: orders }, { name: gone }', 'timeouts: { request: 2s }, limits: { requests: 5 }') +
      policy('c', '{ kind: Namespace, name: shop }, { kind: Mesh, name: default }', 'retries: {}') +
      policy('d', '{ name: orders, sectionName: http }', 'balancing: {}'),
  );
  const { trafficPolicies } = view(made);
  assert.deepEqual(
    [...trafficPolicies].map(([key, rows]) => [key, rows.map((row) => row.key)]),
    [
      ['Service/shop/orders', ['shop/b', 'shop/a']],
      ['Namespace/shop', ['shop/c']],
      ['Mesh', ['shop/c']],
      ['Service/shop/orders/80', ['shop/d']],
    ],
  );
  const of = status(made, 'TrafficPolicy', 'a');
  assert.deepEqual(conditions(of), ['Accepted=False TargetNotFound']);
  assert.deepEqual(
    of.findings.map(({ code, place }) => [code, place.path]),
    [
      ['target-not-found', 'spec.targetRefs[1].name'],
      ['conflicted', 'spec.timeouts'],
    ],
  );
});

test('access policies by workload: identities in full, ports as the application has them', () => {
  const made = build(`${SHOP}
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: web-only, namespace: shop }
spec:
  targetRefs: [{ name: orders, sectionName: http }]
  rules: [{ from: [{ accounts: [web] }, { identities: ["*"] }], to: [{ ports: [admin, 8080] }] }]
`);
  const remote = { remoteIpBlocks: undefined, notRemoteIpBlocks: [] };
  const anybody = { notIdentities: [], ipBlocks: undefined, notIpBlocks: [], ...remote, claims: [] };
  assert.deepEqual(view(made).accessPolicies.get('shop/orders-1'), [
    {
      policy: 'shop/web-only',
      action: 'ALLOW',
      extension: '',
      shadow: false,
      ports: [8080],
      rules: [
        {
          from: [
            { ...anybody, identities: [{ kind: 'exact', value: 'spiffe://weft.local/ns/shop/sa/web' }] },
            { ...anybody, identities: [{ kind: 'any' }] },
          ],
          to: [{ ports: [8080, 9090], notPorts: [], request: undefined }],
          source: 'AccessPolicy/shop/web-only#spec.rules[0]',
          place: undefined,
        },
      ],
      source: 'AccessPolicy/shop/web-only',
    },
  ]);
  assert.deepEqual([...view(made).accessPolicies.keys()], ['shop/orders-1', 'shop/orders-2']);
});

test('a selector narrows what the targets reach; a rule about requests on a TCP port is warned of', () => {
  const made = build(`${SHOP}
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: one, namespace: shop }
spec:
  targetRefs: [{ kind: Namespace, name: shop }]
  workloadSelector: { app: nobody }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: two, namespace: shop }
spec:
  targetRefs: [{ kind: Namespace, name: shop }]
  rules: [{ to: [{ ports: [http], methods: [GET] }] }, { to: [{ methods: [GET] }] }]
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: db-1, namespace: shop, labels: { app: db } }
spec: { addresses: [{ ip: 10.0.0.9 }], ports: [{ name: sql, port: 5432, protocol: tcp, proxyPort: 15009 }] }
`);
  assert.deepEqual(
    view(made)
      .accessPolicies.get('shop/orders-1')
      ?.map(({ policy }) => policy),
    ['shop/two'],
  );
  const said = made.diagnostics.filter(({ code }) => code === 'rule-about-requests');
  assert.deepEqual(
    said.map(({ place }) => place.path),
    ['spec.rules[1].to'],
  );
});

test('what does not change keeps its identity; a comment or a status changes nothing at all', () => {
  const objects = objectsFrom(SHOP + route('orders', '[{ backendRefs: [{ name: orders, port: 80 }] }]'));
  const first = assemble(objects, new Map());
  const touched = objects.map(
    (object): StoredObject => ({
      ...object,
      metadata: { ...object.metadata, resourceVersion: '7', annotations: { note: 'x' } },
      origin: { file: 'a.yaml', firstLine: 4, text: '# a comment' },
    }),
  );
  assert.equal(view(assemble(touched, new Map(), first)), view(first));
  const liveness: WorkloadLiveness = new Map([['shop/orders-2', { ready: new Set(), draining: false }]]);
  const second = assemble(objects, liveness, first);
  assert.notEqual(view(second).endpoints, view(first).endpoints);
  for (const table of ['mesh', 'service', 'workload', 'identities', 'httpRules', 'catalog'] as const) {
    assert.equal(view(second)[table], view(first)[table], table);
  }
  assert.equal(view(second).endpoints.get('shop/orders/80')?.length, 1);
});

test('a port that leads nowhere, and protocols that cannot meet, are warned of', () => {
  const made = build(`${SHOP}
---
apiVersion: v1
kind: Service
metadata: { name: odd, namespace: shop }
spec:
  selector: { app: orders, version: v1 }
  ports: [{ name: a, port: 1, targetPort: gone }, { name: b, port: 2, targetPort: 9090, appProtocol: grpc }]
`);
  assert.deepEqual(
    made.diagnostics.map(({ severity, code, place }) => [severity, code, place.object, place.path]),
    [
      ['warning', 'no-workload-port', 'Service/shop/odd', 'spec.ports[0]'],
      ['warning', 'protocol-mismatch', 'Service/shop/odd', 'spec.ports[1]'],
    ],
  );
});

test('a service that selects nothing is warned of, unless a route takes its requests elsewhere', () => {
  const bare = (name: string): string =>
    `---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop }\nspec: { ports: [{ port: 80, appProtocol: http }] }\n`;
  const made = build(
    `${SHOP}\n${bare('alone')}${bare('front')}${route('front', '[{ backendRefs: [{ name: orders, port: 80 }] }]', 'name: front')}`,
  );
  assert.deepEqual(
    made.diagnostics.map(({ severity, code, place }) => [severity, code, place.object, place.path]),
    [['warning', 'no-selector', 'Service/shop/alone', 'spec.selector']],
  );
});

test('two meshes of one trust domain are no boundary to each other: that is said', () => {
  const mesh = (name: string, domain: string): string =>
    `apiVersion: weft.dev/v1alpha1\nkind: Mesh\nmetadata: { name: ${name} }\nspec: { trustDomain: ${domain} }\n---\n`;
  const codes = (yaml: string) => build(yaml).diagnostics.map(({ code, place }) => `${code} ${place.object}`);
  assert.deepEqual(codes(mesh('default', 'weft.local') + mesh('bank', 'bank.example')), []);
  assert.deepEqual(codes(mesh('default', 'weft.local') + mesh('other', 'weft.local')), [
    'shared-trust-domain Mesh/other',
  ]);
});
