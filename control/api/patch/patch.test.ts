import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject, mergePatch, sameJson } from './merge-patch.ts';
import { strategicMerge } from './strategic-merge.ts';

test('merge patch: the examples of RFC 7386 appendix A', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', 'null', 'null'],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ];
  for (const [target, patch, expected] of cases) {
    assert.deepEqual(mergePatch(JSON.parse(target), JSON.parse(patch)), JSON.parse(expected), `${target} ${patch}`);
  }
});

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.boolean(),
    fc.integer(),
    fc.string({ maxLength: 3 }),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'constructor', 'toString'), tie('json'), { maxKeys: 3 }),
  ),
}));
const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), json, {
  maxKeys: 4,
}) as fc.Arbitrary<JsonObject>;

/** The patch that makes `to` of `from`; null cannot be a value of `to`. */
function createMergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const patch = new Map<string, Json>();
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch.set(key, null);
  for (const [key, value] of Object.entries(to)) {
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    if (isJsonObject(before) && isJsonObject(value)) {
      const inner = createMergePatch(before, value);
      if (Object.keys(inner).length > 0) patch.set(key, inner);
    } else if (!sameJson(before, value)) patch.set(key, value);
  }
  return Object.fromEntries(patch);
}

test('merge patch: the patch between two objects makes the one of the other, and nothing of equal ones', () => {
  fc.assert(
    fc.property(object, object, (from, to) => {
      const patch = createMergePatch(from, to);
      assert.ok(sameJson(mergePatch(from, patch), to));
      assert.equal(Object.keys(patch).length === 0, sameJson(from, to));
    }),
    { numRuns: 300 },
  );
});

const merged = (target: JsonObject, patch: JsonObject): unknown => {
  const result = strategicMerge(target, patch);
  return result.ok ? result.value : result.error;
};

test('strategic merge: service ports by port, directives, other lists whole', () => {
  const service = { spec: { ports: [{ port: 80, name: 'http' }, { port: 81 }], clusterIPs: ['a'] } };
  const ports = (patch: JsonObject) => (merged(service, { spec: patch }) as { spec: { ports: unknown } }).spec.ports;
  assert.deepEqual(ports({ ports: [{ port: 80, targetPort: 8080 }] }), [
    { port: 80, name: 'http', targetPort: 8080 },
    { port: 81 },
  ]);
  assert.deepEqual(ports({ ports: [{ port: 81, $patch: 'delete' }] }), [{ port: 80, name: 'http' }]);
  assert.deepEqual(ports({ ports: [{ port: 82 }, { $patch: 'replace' }] }), [{ port: 82 }]);
  assert.deepEqual(ports({ $setElementOrder: 1, ports: [] }), service.spec.ports);
  const ordered = { '$setElementOrder/ports': [{ port: 82 }, { port: 80 }], ports: [{ port: 82 }] };
  assert.deepEqual(
    (ports(ordered) as { port: number }[]).map(({ port }) => port),
    [82, 81, 80],
  );
  assert.deepEqual(merged(service, { spec: { clusterIPs: ['b'] } }), {
    spec: { ports: service.spec.ports, clusterIPs: ['b'] },
  });
  assert.deepEqual(merged(service, { spec: { $patch: 'replace', type: 'x' } }), { spec: { type: 'x' } });
  const finalizers = { metadata: { finalizers: ['a', 'b'] } };
  assert.deepEqual(merged(finalizers, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }), {
    metadata: { finalizers: ['b'] },
  });
  assert.match(String(merged(service, { spec: { ports: [{ name: 'x' }] } })), /spec\.ports: an item has no port/);
  assert.match(String(merged(service, { spec: { $patch: 'burn' } })), /\$patch "burn"/);
});

test('strategic merge: without lists and directives it is a merge patch', () => {
  const plain = fc.dictionary(
    fc.constantFrom('a', 'b'),
    fc.dictionary(fc.constantFrom('c', 'd'), fc.option(fc.nat(3))),
  ) as fc.Arbitrary<JsonObject>;
  fc.assert(
    fc.property(plain, plain, (target, patch) => assert.deepEqual(merged(target, patch), mergePatch(target, patch))),
    { numRuns: 200 },
  );
});
