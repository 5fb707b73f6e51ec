import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readMessage, writeMessage } from './index.ts';
import { characters, utf8Length } from './utf8.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** [what, bytes of a ClusterLoadAssignment, code, path] */
const CASES: readonly (readonly [string, string, string, string])[] = [
  ['a length beyond the end', '0a05616263', 'malformed-bytes', ''],
  ['a length beyond 32 bits', '0affffffffff01', 'malformed-bytes', ''],
  ['the end within a tag', '80', 'malformed-bytes', ''],
  ['field number 0', '0000', 'malformed-bytes', ''],
  ['wire type 6', '0e', 'malformed-bytes', ''],
  ['a group', '7b7c', 'malformed-bytes', ''],
  ['a string that is not UTF-8', '0a02c328', 'malformed-bytes', ''],
  ['an overlong UTF-8 form', '0a02c080', 'malformed-bytes', ''],
  ['a surrogate in UTF-8', '0a03eda080', 'malformed-bytes', ''],
  ['a message where a number stands', '1001', 'malformed-bytes', 'endpoints[0]'],
  ['an inner length beyond the inner end', '12021a05', 'malformed-bytes', 'endpoints[0]'],
  ['a varint of eleven bytes', '120d18ffffffffffffffffffffff01', 'malformed-bytes', 'endpoints[0]'],
  ['an unknown field number', 'f80101', 'unknown-field', '#31'],
  ['an unknown field number inside', '1203f80101', 'unknown-field', 'endpoints[0].#31'],
  ['an unknown enumeration value', '120412021063', 'unknown-enum-value', 'endpoints[0].lb_endpoints[0].health_status'],
  ['a singular field twice', '0a01610a0162', 'duplicate-field', 'cluster_name'],
];

test('malformed bytes are refused with their place', () => {
  for (const [what, bytes, code, path] of CASES) {
    const read = readMessage('envoy.config.endpoint.v3.ClusterLoadAssignment', hex(bytes));
    assert.ok(!read.ok, what);
    const first = read.error.find((fault) => fault.code === code);
    assert.ok(first, `${what}: ${read.error.map((fault) => fault.code).join()}`);
    assert.ok((first.place.path ?? '').startsWith(path), `${what}: ${first.place.path}`);
  }
});

test('all unknown fields are reported at once; a lenient reader skips them', () => {
  const bytes = hex('f8010182020161850200000000810200000000000000000a0161');
  const strict = readMessage('envoy.config.endpoint.v3.ClusterLoadAssignment', bytes);
  assert.deepEqual(strict.ok ? [] : strict.error.map((fault) => fault.place.path), ['#31', '#32']);
  const lenient = readMessage('envoy.config.endpoint.v3.ClusterLoadAssignment', bytes, { unknown: 'skip' });
  assert.deepEqual(lenient, { ok: true, value: { cluster_name: 'a' } });
});

test('two members of a oneof on the wire are refused', () => {
  // Address: socket_address (1) and pipe (2)
  const read = readMessage('envoy.config.core.v3.Address', hex('0a0012020a00'));
  assert.ok(!read.ok);
  assert.equal(read.error[0]?.code, 'oneof-conflict');
});

test('nesting is limited', () => {
  let bytes = new Uint8Array(0);
  for (let i = 0; i < 200; i += 1) {
    // google.protobuf.ListValue within Value: values (1) { list_value (6) { ... } }
    const value = bytes.length;
    const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, n >> 7]);
    const list = Uint8Array.from([0x32, ...varint(value), ...bytes]);
    bytes = Uint8Array.from([0x0a, ...varint(list.length), ...list]);
  }
  const read = readMessage('google.protobuf.ListValue', bytes);
  assert.ok(!read.ok);
  assert.equal(read.error[0]?.code, 'limit-exceeded');
  assert.ok(!readMessage('google.protobuf.ListValue', bytes, { maxBytes: 10 }).ok);
});

test('what is inside an Any is judged too, with its path', () => {
  const value = hex('f80101');
  const bytes = writeMessage('envoy.config.core.v3.TypedExtensionConfig', {
    name: 'x',
    typed_config: { type_url: 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router', value },
  });
  const read = readMessage('envoy.config.core.v3.TypedExtensionConfig', bytes);
  assert.ok(!read.ok);
  assert.equal(read.error[0]?.place.path, 'typed_config.#31');
});

test('random and mutated bytes never throw', () => {
  const good = writeMessage('envoy.config.endpoint.v3.ClusterLoadAssignment', {
    cluster_name: 'abc',
    endpoints: [{ locality: { zone: 'z' }, lb_endpoints: [{ health_status: 'HEALTHY', load_balancing_weight: 3 }] }],
  });
  const mutated = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
    const copy = good.slice();
    for (const [at, byte] of changes) copy[at] = byte;
    return copy;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), mutated), (bytes) => {
      const read = readMessage('envoy.config.endpoint.v3.ClusterLoadAssignment', bytes);
      assert.ok(read.ok || read.error.length > 0);
    }),
    { numRuns: 500 },
  );
});

test('deterministic: map entries are sorted, whatever their order', () => {
  const one = new Map([
    ['b', '1'],
    ['a', '2'],
  ]);
  const other = new Map([
    ['a', '2'],
    ['b', '1'],
  ]);
  const write = (map: Map<string, string>): Uint8Array =>
    writeMessage('envoy.service.discovery.v3.DeltaDiscoveryRequest', { initial_resource_versions: map });
  assert.deepEqual(write(one), write(other));
});

test('a value that a field cannot hold is a defect of the caller', () => {
  for (const port of [-1, 0.5, 2 ** 32, Number.NaN]) {
    assert.throws(
      () => writeMessage('envoy.config.core.v3.SocketAddress', { address: 'a', port_value: port }),
      /no uint32/,
    );
  }
  assert.throws(() => writeMessage('envoy.config.core.v3.SocketAddress', { address: '\ud800' }), /surrogate/);
});

test('lengths of texts in octets and in characters, whatever they hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(utf8Length(text), new TextEncoder().encode(text).length);
      assert.equal(characters(text), Array.from(text).length);
    }),
  );
  assert.deepEqual([utf8Length('\ud800a'), characters('\ud800a')], [4, 2]);
});
