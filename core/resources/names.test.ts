/** Attack 87: names that are paths, hold a NUL, are far too long, or are no names at all; names that mean something elsewhere are names like others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admitObject } from './admit.ts';
import { apiVersionOf, bodyOf } from './kind.ts';
import { type AnyKind, KINDS } from './kinds.ts';
import { readObjects } from './text/read.ts';

const LONG = 'a'.repeat(10_240);

/** No name of any kind. */
const REFUSED: readonly unknown[] = [
  ['', '.', '..', '../a', 'a/../../b', '/etc/passwd', 'a/b', 'a\\b', '%2e%2e', '..%2fa', 'a%00', '~', '-rf', 'a-'],
  ['\0', 'a\0b', 'a\n', 'a\r\nb', 'a b', ' a', 'a\t', '\u001b[2J', '\u202ea', 'а', 'é', 'A', 'a_b', '__proto__'],
  ['*', '$(a)', '`a`', 'a;b', 'a|b', '<a>', '"a"', "'a'", 'a:b', 'a,b', 'a=b', 'a@b', 'a#b', 'a?b', '{a}'],
  [LONG, `${'a.'.repeat(5000)}a`, `${'a'.repeat(254)}`],
  [true, false, null, 0, 1, 1e300, [], ['a'], {}, { a: 1 }],
].flat(1);

/** Words of languages and systems that are labels of DNS too. */
const WORDS = [
  'constructor',
  'prototype',
  'null',
  'true',
  'false',
  'undefined',
  'nan',
  'con',
  'nul',
  'default',
  'default-1',
];

const named = (kind: AnyKind, metadata: object): unknown => ({
  apiVersion: apiVersionOf(kind.group, kind.versions[0]),
  kind: kind.kind,
  metadata,
  ...(kind.example === undefined ? {} : bodyOf(kind, kind.example)),
});

const place = (kind: AnyKind): object => (kind.scope === 'Cluster' ? {} : { namespace: 'shop' });

for (const kind of KINDS) {
  test(`87: ${kind.kind}: what is no name is refused where it stands`, () => {
    for (const name of REFUSED) {
      const { object, diagnostics } = admitObject(named(kind, { ...place(kind), name }));
      assert.equal(object, undefined, JSON.stringify(name).slice(0, 80));
      assert.ok(diagnostics.some(({ place: { path } }) => path === 'metadata.name'));
      for (const { message, place: at, remedy = '' } of diagnostics)
        assert.match(`${at.object} ${at.path} ${message} ${remedy}`, /^[^\p{Cc}\p{Bidi_Control}]{1,1000}$/u);
    }
    // Absent is not said.
    for (const namespace of kind.scope === 'Cluster' ? [] : REFUSED)
      if (namespace !== null)
        assert.equal(
          admitObject(named(kind, { name: 'a', namespace })).object,
          undefined,
          String(namespace).slice(0, 80),
        );
  });

  test(`87: ${kind.kind}: a word that means something elsewhere is a name like others`, () => {
    for (const name of WORDS) {
      if (!kind.name.accepts(name)) continue;
      const { object, diagnostics } = admitObject(
        named(kind, { ...place(kind), name, labels: { constructor: 'a', toString: 'b' } }),
      );
      assert.equal(object?.metadata.name, name, JSON.stringify(diagnostics));
      assert.deepEqual(Object.entries(object.metadata.labels), [
        ['constructor', 'a'],
        ['toString', 'b'],
      ]);
    }
  });
}

test('87: what YAML takes for a truth or a number is no name', () => {
  for (const name of ['true', 'null', '~', '1', '0x10', '.inf', '[]', '{}']) {
    const { objects } = readObjects(`apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`, 'a');
    assert.equal(objects[0]?.object, undefined, name);
  }
});
