import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StoredObject } from '@weft/core/resources';
import { sample } from '../../store/testing/contract.ts';
import { acceptedForm } from './accept.ts';
import { MAX_DEPTH, parseJson } from './json.ts';
import { encodeContinue, parseListOptions } from './list-options.ts';
import { decodeProtobuf } from './protobuf.ts';
import { parseFieldSelector, parseLabelSelector } from './selectors.ts';

const labelled = (labels: Record<string, string>): StoredObject => {
  const object = sample('web', {});
  return { ...object, metadata: { ...object.metadata, labels } };
};

test('label selectors: every operator of Kubernetes', () => {
  const cases: readonly (readonly [string, Record<string, string>, boolean])[] = [
    ['', {}, true],
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'c' }, false],
    ['a = b', { a: 'b' }, true],
    ['a!=b', {}, true],
    ['a!=b', { a: 'b' }, false],
    ['a=', { a: '' }, true],
    ['a=', {}, false],
    ['a in (b,c)', { a: 'c' }, true],
    ['a in (b, c)', {}, false],
    ['a notin (b,c)', {}, true],
    ['a notin (b,c)', { a: 'b' }, false],
    ['a', { a: '' }, true],
    ['a', {}, false],
    ['!a', {}, true],
    ['!a', { a: 'x' }, false],
    ['a>5', { a: '6' }, true],
    ['a<5', { a: '6' }, false],
    ['a>5', { a: 'x' }, false],
    ['example.com/a=b,!c,d in (e,f),g', { 'example.com/a': 'b', d: 'f', g: '' }, true],
    ['example.com/a=b,!c,d in (e,f),g', { 'example.com/a': 'b', d: 'f', g: '', c: '' }, false],
    ['constructor', {}, false],
  ];
  for (const [text, labels, expected] of cases) {
    const selector = parseLabelSelector(text);
    assert.ok(selector.ok, text);
    assert.equal(selector.value(labelled(labels)), expected, `${text} ${JSON.stringify(labels)}`);
  }
  for (const bad of ['=b', 'a in b', 'a in (b', 'a=b=c', 'a,,b', 'a~b', ' ,', 'a=b c']) {
    assert.equal(parseLabelSelector(bad).ok, false, bad);
  }
});

test('field selectors: name and namespace, others are refused', () => {
  const matches = (text: string) => {
    const selector = parseFieldSelector(text);
    return selector.ok ? selector.value(labelled({})) : selector.error;
  };
  assert.equal(matches('metadata.name=web,metadata.namespace==default'), true);
  assert.equal(matches('metadata.name!=web'), false);
  assert.match(String(matches('status.phase=Running')), /metadata\.name and metadata\.namespace are known/);
});

test('JSON: equal to JSON.parse where that has one answer; depth, twins and __proto__ are refused', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      if (text.includes('__proto__')) return;
      assert.deepEqual(parseJson(text), { ok: true, value: JSON.parse(text) });
    }),
  );
  const error = (text: string) => {
    const parsed = parseJson(text);
    return parsed.ok ? 'accepted' : parsed.error;
  };
  assert.equal(error('{"a":{"b":1,"c":[{"d":1}],"b":2}}'), 'the field a.b is there twice');
  assert.equal(error('{"a":[{"x":1},{"x":1,"\\u0078":2}]}'), 'the field a.[].x is there twice');
  assert.equal(error('{"a":{"__proto__":{}}}'), 'the field a.__proto__ is not allowed');
  assert.equal(error('{"a":"b:\\"c\\\\\\"","b":":"}'), 'accepted');
  assert.equal(error('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH)), 'accepted');
  assert.match(error('['.repeat(100_000)), /nested deeper than 64/);
  for (const bad of ['', '{', '{"a":1,}', "{'a':1}", '"a', 'nul', '{"a" 1}'])
    assert.match(error(bad), /is not JSON/, bad);
});

test('Accept: tables when asked for, plain JSON else, nothing for others', () => {
  const table =
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
  assert.equal(acceptedForm(table), 'table');
  assert.equal(acceptedForm('application/json;as=Table;v=v1beta1;g=meta.k8s.io, application/json'), 'object');
  assert.equal(acceptedForm('application/vnd.kubernetes.protobuf, */*'), 'object');
  assert.equal(acceptedForm('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'), 'partial');
  assert.equal(acceptedForm(undefined), 'object');
  assert.equal(acceptedForm('application/vnd.kubernetes.protobuf'), undefined);
});

test('list options: numbers and continue tokens are checked', () => {
  const parse = (query: string) => parseListOptions(new URLSearchParams(query));
  for (const bad of ['limit=-1', 'limit=x', 'resourceVersion=a', 'continue=%%%', 'continue=e30', 'labelSelector=%3D']) {
    const parsed = parse(bad);
    assert.equal(parsed.ok ? 0 : parsed.error.code, 400, bad);
  }
  const from = { revision: 7, namespace: 'a', name: 'b', given: 3 };
  const parsed = parse(`continue=${encodeContinue(from)}&limit=5&watch=true`);
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.from, from);
  assert.equal(parsed.value.watch, true);
});

test('protobuf: arbitrary bytes never do harm', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const kind = [10, 15, 10, 2, 118, 49, 18, 9, ...Buffer.from('Namespace')];
      const body = Uint8Array.from([...Buffer.from('k8s\0'), ...kind, 18, bytes.length, ...bytes]);
      const decoded = decodeProtobuf(body);
      if (!decoded.ok) assert.match(decoded.error, /^the protobuf body cannot be read: /);
      assert.equal(decodeProtobuf(bytes).ok, false);
    }),
    { numRuns: 500 },
  );
});
