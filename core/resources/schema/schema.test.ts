import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as formats from './formats.ts';
import { formatPath, parsePath } from './path.ts';
import { suggest } from './suggest.ts';

test('field paths survive a round trip, whatever the keys', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(999_999_999), fc.string())), (path) => {
      assert.deepEqual(parsePath(formatPath(path)), path);
    }),
  );
  assert.equal(formatPath(['spec', 'rules', 0, 'a-b', 'x.y/z']), 'spec.rules[0].a-b["x.y/z"]');
  for (const bad of ['a b', 'a[', 'a[x]', 'a["', '[1']) assert.equal(parsePath(bad), undefined, bad);
});

test('suggestions: near words, any case, swapped letters; nothing for far ones', () => {
  const known = ['headers', 'hostnames', 'path', 'RequestRedirect'];
  assert.equal(suggest('hedaers', known), 'headers');
  assert.equal(suggest('Path', known), 'path');
  assert.equal(suggest('hostname', known), 'hostnames');
  assert.equal(suggest('requestredirect', known), 'RequestRedirect');
  assert.equal(suggest('timeout', known), undefined);
  assert.equal(suggest('', known), undefined);
  assert.equal(suggest('h'.repeat(10_000), known), undefined);
});

test('a published pattern accepts exactly what the format accepts', () => {
  const alphabet = fc.constantFrom(
    'a',
    'b',
    '0',
    '9',
    '-',
    '.',
    '_',
    '/',
    '*',
    'A',
    'h',
    'm',
    's',
    ' ',
    ':',
    '`',
    '~',
    '\t',
    'é',
  );
  const text = fc.array(alphabet, { maxLength: 20 }).map((parts) => parts.join(''));
  for (const format of Object.values(formats)) {
    if (format.pattern === undefined) continue;
    const pattern = new RegExp(format.pattern);
    fc.assert(
      fc.property(text, (word) => {
        // An empty duration and an IP address are more than a pattern can say.
        if (word === '' || /^[0-9.]+$/.test(word) || word.length > format.maxLength) return;
        assert.equal(format.accepts(word), pattern.test(word), `${format.name} ${JSON.stringify(word)}`);
      }),
      { numRuns: 300 },
    );
  }
});

test('formats: what is inside and outside', () => {
  const cases: readonly (readonly [formats.Format, readonly string[], readonly string[]])[] = [
    [formats.dnsLabel, ['a', '0a', 'a-b', 'a'.repeat(63)], ['', '-a', 'a-', 'A', 'a.b', 'a'.repeat(64)]],
    [formats.dns1035Label, ['a1'], ['1a', '']],
    [formats.dnsSubdomain, ['a.b', '1'], ['a..b', '.a', 'a.', 'a_b']],
    [formats.hostname, ['*.a', 'a.b'], ['*', '*a', '10.1.1.1', 'a.*', 'A']],
    [formats.portName, ['http', 'a-1', '1a'], ['80', 'a--b', '-a', 'a'.repeat(16), 'A']],
    [formats.labelKey, ['a', 'A_b.c', 'a.b/C'], ['/a', 'a/', 'A/b', 'a/b/c', 'a b', 'a'.repeat(64)]],
    [formats.labelValue, ['', 'a', 'A.b_c'], ['-a', 'a b', 'a'.repeat(64)]],
    [formats.headerValue, ['a', 'a b', 'a\tb'], ['', ' a', 'a ', 'a  b', 'a\nb', 'a\u0000']],
    [formats.trustDomain, ['a', 'a_b.c-1'], ['', 'A', 'a/b', 'a:1', 'é', 'a'.repeat(256)]],
    [formats.duration, ['0s', '1h2m3s4ms'], ['', '1', '1.5s', '-1s', '1d', '100000s']],
    [formats.clusterIp, ['None', '10.0.0.1', '::1'], ['none', '', 'a']],
  ];
  for (const [format, inside, outside] of cases) {
    for (const text of inside) assert.ok(format.accepts(text), `${format.name} ${text}`);
    for (const text of outside) assert.ok(!format.accepts(text), `${format.name} ${text}`);
  }
});
