import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { B3, B3_SINGLE } from './b3.ts';
import type { OutgoingContext, TraceContext, TraceFormat } from './context.ts';
import { DATADOG } from './datadog.ts';
import { JAEGER } from './jaeger.ts';
import { parseTraceParent, parseTraceState, W3C } from './w3c.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

const read = (format: TraceFormat, headers: Readonly<Record<string, string>>): TraceContext | undefined =>
  format.read((name) => headers[name]);

const id = (digits: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`)).filter((text) => /[1-9a-f]/.test(text));
const member = fc.tuple(fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/), fc.stringMatching(/^[a-zA-Z0-9]{1,5}$/));
const context: fc.Arbitrary<OutgoingContext> = fc.record({
  traceId: fc.oneof(
    id(32),
    id(16).map((low) => `0000000000000000${low}`),
  ),
  spanId: id(16),
  parentId: fc.oneof(fc.constant(''), id(16)),
  sampled: fc.boolean(),
  traceState: fc
    .uniqueArray(member, { selector: ([key]) => key, maxLength: 3 })
    .map((members) => members.map((pair) => pair.join('=')).join(',')),
});

for (const [name, format, keeps] of [
  ['W3C', W3C, ['traceState']],
  ['B3', B3, ['parentId']],
  ['B3 in one header', B3_SINGLE, ['parentId']],
  ['Jaeger', JAEGER, []],
  ['Datadog', DATADOG, []],
] as const) {
  test(`${name}: what is written is read as it was, under the names it says`, () => {
    fc.assert(
      fc.property(context, (sent) => {
        const headers: Record<string, string> = {};
        format.write(sent, (key, value) => (headers[key] = value));
        for (const key of Object.keys(headers)) assert.ok(format.headers.includes(key), key);
        const kept = Object.fromEntries(keeps.map((key) => [key, sent[key]]));
        const { traceId, spanId, sampled } = sent;
        assert.deepEqual(read(format, headers), { traceId, spanId, sampled, parentId: '', traceState: '', ...kept });
      }),
    );
  });

  test(`${name}: no text of a peer is an error, and no id is made of what is none`, () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 70 }), { minLength: 5, maxLength: 5 }), (texts) => {
        const found = format.read((key) => texts[format.headers.indexOf(key)]);
        if (found === undefined) return;
        assert.match(found.traceId, /^[0-9a-f]{32}$/);
        assert.match(found.spanId, /^[0-9a-f]{16}$/);
        assert.match(found.parentId, /^([0-9a-f]{16})?$/);
      }),
    );
  });
}

test('traceparent: the specification, to the letter', () => {
  const parent = { traceId: TRACE, spanId: SPAN, parentId: '', sampled: true };
  for (const [text, wanted] of [
    [`00-${TRACE}-${SPAN}-01`, parent],
    [`00-${TRACE}-${SPAN}-ff`, parent],
    [`00-${TRACE}-${SPAN}-02`, { ...parent, sampled: false }],
    [`01-${TRACE}-${SPAN}-01-what-comes-later`, parent],
    [`cc-${TRACE}-${SPAN}-01`, parent],
    [`01-${TRACE}-${SPAN}-01.`, undefined],
    [`00-${TRACE}-${SPAN}-01-`, undefined],
    [`ff-${TRACE}-${SPAN}-01`, undefined],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
    [`00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    [`00-${TRACE}-${SPAN}`, undefined],
    [`00-${TRACE}-${SPAN}-1`, undefined],
    [`00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`, undefined],
    ['', undefined],
  ] as const)
    assert.deepEqual(parseTraceParent(text), wanted, text);
});

test('tracestate: lists as they may be, and nothing of those that may not', () => {
  for (const [text, wanted] of [
    ['a=1, b=2 ,,c=3', 'a=1,b=2,c=3'],
    ['tenant@vendor=x', 'tenant@vendor=x'],
    ['1t@v=x', '1t@v=x'],
    ['a=!~ x', 'a=!~ x'],
    ['', ''],
    ['a=1,a=2', ''],
    ['A=1', ''],
    ['a', ''],
    ['a=b=c', ''],
    ['1a=x', ''],
    ['a=', ''],
    [`a=${'x'.repeat(257)}`, ''],
    [`${'k'.repeat(257)}=x`, ''],
    [
      Array.from({ length: 32 }, (_, i) => `k${i}=v`).join(','),
      Array.from({ length: 32 }, (_, i) => `k${i}=v`).join(','),
    ],
    [Array.from({ length: 33 }, (_, i) => `k${i}=v`).join(','), ''],
  ] as const)
    assert.equal(parseTraceState(text), wanted, text);
});

test('what other formats say in more ways than one', () => {
  const context = { traceId: TRACE, spanId: SPAN, parentId: '', traceState: '' };
  const b3 = { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN };
  assert.deepEqual(read(B3, b3), { ...context, sampled: undefined });
  assert.deepEqual(read(B3, { ...b3, 'x-b3-flags': '1', 'x-b3-sampled': '0' }), { ...context, sampled: true });
  assert.equal(read(B3_SINGLE, { b3: '0' }), undefined);
  assert.equal(read(B3_SINGLE, { b3: `${TRACE}-${SPAN}-x` }), undefined);
  assert.deepEqual(read(B3_SINGLE, { b3: `${TRACE}-${SPAN}-d` }), { ...context, sampled: true });
  assert.deepEqual(read(JAEGER, { 'uber-trace-id': `${TRACE}%3A${SPAN}%3A0%3A2` }), { ...context, sampled: true });
  assert.deepEqual(read(JAEGER, { 'uber-trace-id': 'a:b:0:0' })?.traceId, '0000000000000000000000000000000a');
  const datadog = { 'x-datadog-trace-id': '10', 'x-datadog-parent-id': '11' };
  assert.deepEqual(read(DATADOG, { ...datadog, 'x-datadog-sampling-priority': '-1' })?.sampled, false);
  assert.equal(read(DATADOG, datadog)?.sampled, undefined);
  assert.equal(read(DATADOG, { ...datadog, 'x-datadog-trace-id': '18446744073709551616' }), undefined);
  assert.equal(
    read(DATADOG, { ...datadog, 'x-datadog-tags': '_dd.p.dm=-1,_dd.p.tid=640cfd8d00000000' })?.traceId,
    '640cfd8d00000000000000000000000a',
  );
});
