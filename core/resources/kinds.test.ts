import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admitObject, checkUpdate, validateObject } from './admit.ts';
import { apiVersionOf } from './kind.ts';
import { keyOf, KIND_WORDS, kindOfObject, kindOfWord, KINDS } from './kinds.ts';
import { protocolOfPort } from './service/index.ts';
import { ACCESS_POLICY } from './access-policy/index.ts';
import { patternsOf } from './access-policy/callers.ts';
import { MESH } from './mesh/index.ts';
import { meshOf } from './namespace/index.ts';
import { SERVICE } from './service/index.ts';
import { TCP_ROUTE } from './tcp-route/index.ts';
import type { Schema } from './schema/schema.ts';
import { testSpecs } from './testing/cases.ts';
import { TRAFFIC_POLICY } from './traffic-policy/index.ts';
import { WORKLOAD } from './workload/index.ts';

testSpecs(SERVICE, [
  { what: 'one port without name', spec: 'ports: [{port: 80}]', expected: [] },
  { what: 'no ports', spec: 'selector: {app: a}', expected: ['missing-field ports'] },
  {
    what: 'several ports need names',
    spec: 'ports: [{port: 80}, {name: b, port: 81}]',
    expected: ['missing-field ports[0].name'],
  },
  {
    what: 'names of ports are unique',
    spec: 'ports: [{name: b, port: 80}, {name: b, port: 81}]',
    expected: ['duplicate-entry ports[1].name'],
  },
  {
    what: 'numbers of ports are unique',
    spec: 'ports: [{name: a, port: 80}, {name: b, port: 80, protocol: TCP}]',
    expected: ['duplicate-entry ports[1]'],
  },
  { what: 'UDP', spec: 'ports: [{port: 53, protocol: UDP}]', expected: ['unsupported-value ports[0].protocol'] },
  { what: 'a target port by name', spec: 'ports: [{port: 80, targetPort: http-web}]', expected: [] },
  {
    what: 'a target port that is neither',
    spec: 'ports: [{port: 80, targetPort: "8080"}]',
    expected: ['invalid-value ports[0].targetPort'],
  },
  {
    what: 'a known field without a meaning here',
    spec: 'ports: [{port: 80}]\nexternalName: a',
    expected: ['unsupported-field externalName'],
  },
  { what: 'a load balancer', spec: 'ports: [{port: 80}]\ntype: LoadBalancer', expected: ['unsupported-value type'] },
  { what: 'a field of null counts as absent', spec: 'ports: [{port: 80, name: null}]\nselector: null', expected: [] },
  {
    what: 'labels that are no text',
    spec: 'ports: [{port: 80}]\nselector: {app: 1}',
    expected: ['wrong-type selector.app'],
  },
]);

testSpecs(TCP_ROUTE, [
  { what: 'one rule', spec: 'rules: [{backendRefs: [{name: a, port: 1}]}]', expected: [] },
  {
    what: 'a second rule',
    spec: 'rules: [{backendRefs: [{name: a, port: 1}]}, {backendRefs: [{name: a, port: 1}]}]',
    expected: ['too-many rules'],
  },
  { what: 'no backends', spec: 'rules: [{}]', expected: ['missing-field rules[0].backendRefs'] },
]);

testSpecs(MESH, [
  { what: 'a trust domain is enough', spec: 'trustDomain: shop.example', expected: [] },
  { what: 'a trust domain in upper case', spec: 'trustDomain: Shop', expected: ['invalid-value trustDomain'] },
  { what: 'a mode in lower case', spec: 'trustDomain: a\nmtls: {mode: strict}', expected: ['invalid-value mtls.mode'] },
  {
    what: 'certificates for a second',
    spec: 'trustDomain: a\ncertificates: {lifetime: 1s}',
    expected: ['out-of-range certificates.lifetime'],
  },
  {
    what: 'defaults are a TrafficPolicy’s sections',
    spec: 'trustDomain: a\ndefaults: {retries: {conditions: [Always]}}',
    expected: ['invalid-value defaults.retries.conditions[0]'],
  },
]);

testSpecs(WORKLOAD, [
  { what: 'an address is enough', spec: 'addresses: [{ip: 10.0.0.1}]', expected: [] },
  { what: 'no address', spec: 'addresses: []', expected: ['too-few addresses'] },
  { what: 'the unspecified address', spec: 'addresses: [{ip: "::"}]', expected: ['invalid-value addresses[0].ip'] },
  {
    what: 'the same port twice',
    spec: 'addresses: [{ip: 10.0.0.1}]\nports: [{name: a, port: 1}, {name: b, port: 1}]',
    expected: ['duplicate-entry ports[1].port'],
  },
  {
    what: 'the same proxy port twice',
    spec: 'addresses: [{ip: 10.0.0.1}]\nports: [{name: a, port: 1, proxyPort: 3}, {name: b, port: 2, proxyPort: 3}]',
    expected: ['duplicate-entry ports[1].proxyPort'],
  },
  {
    what: 'an unknown protocol',
    spec: 'addresses: [{ip: 10.0.0.1}]\nports: [{name: a, port: 1, protocol: HTTP}]',
    expected: ['invalid-value ports[0].protocol'],
  },
]);

const target = 'targetRefs: [{name: a}]\n';
testSpecs(TRAFFIC_POLICY, [
  { what: 'nothing said', spec: target, expected: ['warning no-effect '] },
  { what: 'no target', spec: 'targetRefs: []\nlimits: {}', expected: ['too-few targetRefs'] },
  {
    what: 'another namespace',
    spec: 'targetRefs: [{kind: Namespace, name: other}]\nlimits: {}',
    expected: ['foreign-namespace targetRefs[0].name'],
  },
  {
    what: 'the same target twice, once by default',
    spec: 'targetRefs: [{name: a}, {kind: Service, name: a}]\nlimits: {}',
    expected: ['duplicate-entry targetRefs[1]'],
  },
  {
    what: 'a group that is not the kind’s',
    spec: 'targetRefs: [{group: weft.dev, name: a}]\nlimits: {}',
    expected: ['invalid-value targetRefs[0].group'],
  },
  {
    what: 'a section of a namespace',
    spec: 'targetRefs: [{kind: Namespace, name: shop, sectionName: x}]\nlimits: {}',
    expected: ['exclusive-fields targetRefs[0].sectionName'],
  },
  {
    what: 'hashing without a key',
    spec: `${target}balancing: {algorithm: Maglev}`,
    expected: ['missing-field balancing.hashOn'],
  },
  {
    what: 'a key without hashing',
    spec: `${target}balancing: {hashOn: [{type: SourceIP}]}`,
    expected: ['exclusive-fields balancing.hashOn'],
  },
  {
    what: 'a header without name',
    spec: `${target}balancing: {algorithm: RingHash, hashOn: [{type: Header}]}`,
    expected: ['missing-field balancing.hashOn[0].name'],
  },
  {
    what: 'a table that is no prime',
    spec: `${target}balancing: {algorithm: Maglev, hashOn: [{type: SourceIP}], tableSize: 65536}`,
    expected: ['invalid-value balancing.tableSize'],
  },
  { what: 'no time to connect', spec: `${target}timeouts: {connect: 0s}`, expected: ['out-of-range timeouts.connect'] },
  {
    what: 'a try longer than the whole',
    spec: `${target}timeouts: {request: 1s, backendRequest: 2s}`,
    expected: ['out-of-range timeouts.backendRequest'],
  },
  {
    what: 'a back-off that shrinks',
    spec: `${target}retries: {backoff: {base: 1s, max: 1ms}}`,
    expected: ['out-of-range retries.backoff.max'],
  },
  { what: 'ejection with defaults', spec: `${target}outlierEjection: {}`, expected: [] },
  {
    what: 'an ejection shorter than the first',
    spec: `${target}outlierEjection: {baseEjectionTime: 10m}`,
    expected: ['out-of-range outlierEjection.maxEjectionTime'],
  },
  {
    what: 'two checks in one',
    spec: `${target}healthChecks: [{tcp: {}, http: {}}]`,
    expected: ['exclusive-fields healthChecks[0]'],
  },
  { what: 'no check in one', spec: `${target}healthChecks: [{}]`, expected: ['exclusive-fields healthChecks[0]'] },
  {
    what: 'a check of a relative path',
    spec: `${target}healthChecks: [{http: {path: health}}]`,
    expected: ['invalid-path healthChecks[0].http.path'],
  },
]);

testSpecs(ACCESS_POLICY, [
  { what: 'allow nobody', spec: target, expected: [] },
  { what: 'deny nobody', spec: `${target}action: DENY`, expected: ['warning no-effect rules'] },
  {
    what: 'an entry that says nothing',
    spec: `${target}rules: [{from: [{}]}]`,
    expected: ['missing-field rules[0].from[0]'],
  },
  {
    what: 'identities stand alone',
    spec: `${target}rules: [{from: [{identities: ["*"], accounts: [a]}]}]`,
    expected: ['exclusive-fields rules[0].from[0].identities'],
  },
  {
    what: 'a wildcard within',
    spec: `${target}rules: [{from: [{identities: ["sh*p/a", "spiffe://a/*/b", "shop/a*"]}]}]`,
    expected: [
      'invalid-identity rules[0].from[0].identities[0]',
      'invalid-identity rules[0].from[0].identities[1]',
      'invalid-identity rules[0].from[0].identities[2]',
    ],
  },
  { what: 'ports by number and name', spec: `${target}rules: [{to: [{ports: [80, http]}]}]`, expected: [] },
  {
    what: 'an empty list is not everything',
    spec: `${target}rules: [{from: []}]`,
    expected: ['too-few rules[0].from'],
  },
]);

test('callers become patterns', () => {
  const context = { trustDomain: 'own', namespace: 'shop' };
  assert.deepEqual(patternsOf({ accounts: ['a'] }, context), [{ kind: 'exact', value: 'spiffe://own/ns/shop/sa/a' }]);
  assert.deepEqual(patternsOf({ accounts: ['a'], namespaces: ['b', 'c'] }, context), [
    { kind: 'exact', value: 'spiffe://own/ns/b/sa/a' },
    { kind: 'exact', value: 'spiffe://own/ns/c/sa/a' },
  ]);
  assert.deepEqual(patternsOf({ namespaces: ['b'] }, context), [{ kind: 'prefix', value: 'spiffe://own/ns/b/sa/' }]);
  assert.deepEqual(patternsOf({ trustDomains: ['x'] }, context), [{ kind: 'prefix', value: 'spiffe://x/' }]);
  assert.deepEqual(patternsOf({ trustDomains: ['x'], namespaces: ['b'] }, context), [
    { kind: 'prefix', value: 'spiffe://x/ns/b/sa/' },
  ]);
  assert.deepEqual(patternsOf({ identities: ['*', 'b/*', 'spiffe://y/z'] }, context), [
    { kind: 'any' },
    { kind: 'prefix', value: 'spiffe://own/ns/b/sa/' },
    { kind: 'exact', value: 'spiffe://y/z' },
  ]);
});

test('every kind is found by each of its words, and no word belongs to two', () => {
  assert.equal(new Set(KIND_WORDS.filter((word, index) => KIND_WORDS.indexOf(word) === index)).size, KIND_WORDS.length);
  for (const kind of KINDS) {
    for (const word of [kind.kind, kind.plural, kind.singular, ...kind.shortNames]) {
      assert.equal(kindOfWord(word), kind);
      assert.equal(kindOfWord(`${word.toUpperCase()}.${kind.group}`), kind);
    }
  }
  assert.equal(kindOfWord('svc.weft.dev'), undefined);
});

test('every example is valid, and every column has a value for it', () => {
  for (const kind of KINDS) {
    const { object, diagnostics } = admitObject({
      apiVersion: apiVersionOf(kind.group, kind.versions[0]),
      kind: kind.kind,
      metadata: { name: 'orders' },
      spec: kind.example,
    });
    assert.deepEqual(diagnostics, [], kind.kind);
    assert.ok(object);
    assert.equal(kindOfObject(object), kind);
    for (const column of kind.columns) assert.match(typeof column.value(object), /^(?:string|number)$/);
  }
});

function* fieldNames(schema: Schema): Generator<string> {
  if (schema.kind === 'array') yield* fieldNames(schema.items);
  if (schema.kind !== 'object') return;
  for (const [name, field] of Object.entries(schema.fields)) {
    yield name;
    yield* fieldNames(field.schema);
  }
}

test('no field has a name that kubectl’s YAML 1.1 reads as a boolean', () => {
  for (const kind of KINDS) {
    for (const name of fieldNames(kind.spec))
      assert.doesNotMatch(name, /^(?:y|yes|on|n|no|off|true|false)$/i, kind.kind);
  }
});

test('the envelope: every fault at once, each with its path', () => {
  const faults = (value: unknown): readonly string[] =>
    validateObject(value).map(({ code, place }) => `${code} ${place.path}`);
  assert.deepEqual(faults(5), ['wrong-type ']);
  assert.deepEqual(faults({}), ['missing-field apiVersion', 'missing-field kind', 'missing-field metadata']);
  assert.deepEqual(faults({ apiVersion: 'v1', kind: 'Servce', metadata: {}, sepc: {} }), [
    'unknown-kind kind',
    'unknown-field sepc',
    'missing-field metadata.name',
  ]);
  assert.deepEqual(
    faults({ apiVersion: 'v1', kind: 'HTTPRoute', metadata: { name: 'A', finalizers: ['x'] }, spec: 1, status: 2 }),
    ['unknown-version apiVersion', 'unsupported-field metadata.finalizers', 'wrong-type status', 'wrong-type spec'],
  );
  assert.deepEqual(
    faults({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: '1a', namespace: 'A.b' },
      ports: [],
      spec: { ports: [{ port: 1 }] },
    }),
    ['unknown-field ports', 'invalid-name metadata.name', 'invalid-name metadata.namespace'],
  );
  assert.deepEqual(
    faults({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'a', namespace: 'b', labels: { 'weft.dev/mesh': 'A.b' } },
    }),
    ['invalid-value metadata.namespace'],
  );
  assert.deepEqual(
    faults({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', labels: { 'weft.dev/mesh': 'A.b' } } }),
    ['invalid-value metadata.labels["weft.dev/mesh"]'],
  );
});

test('what kubectl sends beside the user’s fields is accepted', () => {
  const { object, diagnostics } = admitObject(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'a',
        creationTimestamp: null,
        managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': {} } }],
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}\n' },
        resourceVersion: '7',
      },
      spec: { ports: [{ port: 80, targetPort: 80 }], type: 'ClusterIP' },
      status: { loadBalancer: {} },
    },
    { namespace: 'shop' },
  );
  assert.deepEqual(diagnostics, []);
  assert.equal(object?.metadata.namespace, 'shop');
  assert.equal(object.metadata.resourceVersion, '7');
  assert.equal(object.status, undefined);
  assert.deepEqual(keyOf(object), { group: '', kind: 'Service', namespace: 'shop', name: 'a' });
});

test('an object is stored in the preferred version, whichever it came in', () => {
  const route = {
    kind: 'TCPRoute',
    metadata: { name: 'a' },
    spec: { rules: [{ backendRefs: [{ name: 'a', port: 1 }] }] },
  };
  const [first, second] = ['v1', 'v1alpha2'].map(
    (version) => admitObject({ ...route, apiVersion: `gateway.networking.k8s.io/${version}` }).object,
  );
  assert.deepEqual(first, second);
});

test('what may not change', () => {
  const mesh = (trustDomain: string): ReturnType<typeof admitObject>['object'] =>
    admitObject({ apiVersion: 'weft.dev/v1alpha1', kind: 'Mesh', metadata: { name: 'a' }, spec: { trustDomain } })
      .object;
  const [before, after] = [mesh('a'), mesh('b')];
  assert.ok(before && after);
  assert.deepEqual(checkUpdate(before, before), []);
  assert.deepEqual(
    checkUpdate(before, after).map(({ code, place }) => [code, place.object, place.path]),
    [['immutable-field', 'Mesh/a', 'spec.trustDomain']],
  );
});

test('annotations are bounded together', () => {
  const annotations = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`a${index}`, 'x'.repeat(60_000)]));
  const [finding] = validateObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', annotations } });
  assert.equal(finding?.code, 'too-long');
});

test('a value of any depth, anywhere, is answered', () => {
  let deep: unknown = 1;
  for (let index = 0; index < 100_000; index += 1) deep = [deep];
  for (const kind of KINDS) {
    const apiVersion = apiVersionOf(kind.group, kind.versions[0]);
    const fields = Object.keys(kind.spec.fields);
    for (const value of [deep, [deep, deep], { name: deep }, [{ name: deep, kind: deep, port: deep, ip: deep }]]) {
      const spec = Object.fromEntries(fields.map((field) => [field, value]));
      const findings = validateObject({
        apiVersion,
        kind: kind.kind,
        metadata: { name: 'a', labels: deep, annotations: { a: deep } },
        spec,
      });
      assert.ok(findings.length > 0);
    }
  }
});

test('findings are bounded, and that there are more is said', () => {
  const spec = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`f${index}`, 1]));
  const findings = validateObject({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec });
  assert.equal(findings.length, 101);
  assert.equal(findings.at(-1)?.code, 'more-findings');
});

test('the protocol of a port: appProtocol, else the name, else opaque', () => {
  assert.equal(protocolOfPort({ name: 'grpc-admin' }), 'grpc');
  assert.equal(protocolOfPort({ name: 'http', appProtocol: 'tcp' }), 'tcp');
  assert.equal(protocolOfPort({ appProtocol: 'kubernetes.io/h2c' }), 'http2');
  assert.equal(protocolOfPort({ appProtocol: 'kubernetes.io/ws' }), 'http');
  assert.equal(protocolOfPort({ name: 'redis' }), 'tcp');
  assert.equal(protocolOfPort({ name: 'constructor' }), 'tcp');
  assert.equal(protocolOfPort({}), 'tcp');
});

test('a namespace without the label is in the mesh `default`', () => {
  assert.equal(meshOf({ metadata: { labels: {} } }), 'default');
  assert.equal(meshOf({ metadata: { labels: { 'weft.dev/mesh': 'blue' } } }), 'blue');
});
