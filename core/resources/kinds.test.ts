import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admitObject, checkUpdate, validateObject } from './admit.ts';
import { apiVersionOf, bodyOf } from './kind.ts';
import { keyOf, KIND_WORDS, kindOfObject, kindOfWord, KINDS, kindsLike } from './kinds.ts';
import { meshOf } from './namespace/index.ts';
import type { Schema } from './schema/schema.ts';

test('every kind is found by each of its words, and no word belongs to two', () => {
  assert.equal(new Set(KIND_WORDS).size, KIND_WORDS.length);
  for (const kind of KINDS) {
    for (const word of [kind.kind, kind.plural, kind.singular, ...kind.shortNames]) {
      assert.equal(kindOfWord(word), kind);
      assert.equal(kindOfWord(`${word.toUpperCase()}.${kind.group}`), kind);
    }
  }
  assert.equal(kindOfWord('svc.weft.dev'), undefined);
});

test('a word that names no kind leads to those it may mean', () => {
  assert.deepEqual(kindsLike('routes'), ['httproutes', 'grpcroutes', 'tlsroutes', 'tcproutes', 'udproutes']);
  assert.deepEqual(kindsLike('servcie'), ['services']);
  assert.deepEqual(kindsLike('Ratelimits2'), ['ratelimits']);
  assert.equal(kindsLike('zzzzzzzz').length, KINDS.length);
  assert.equal(kindsLike('').length, KINDS.length);
});

test('every example is valid, and every column has a value for it', () => {
  for (const kind of KINDS) {
    const { object, diagnostics } = admitObject({
      apiVersion: apiVersionOf(kind.group, kind.versions[0]),
      kind: kind.kind,
      // As the reference pages show it.
      metadata: kind.scope === 'Cluster' ? { name: 'orders' } : { name: 'orders', namespace: 'shop' },
      ...(kind.example === undefined ? {} : bodyOf(kind, kind.example)),
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

test('a namespace without the label is in the mesh `default`', () => {
  assert.equal(meshOf({ metadata: { labels: {} } }), 'default');
  assert.equal(meshOf({ metadata: { labels: { 'weft.dev/mesh': 'blue' } } }), 'blue');
});
