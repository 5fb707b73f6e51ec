/** The table of HTTPPathModifier (Gateway API), applied as Envoy applies its rewrites. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchRow } from '@weft/core/mesh-view';
import { escaped, pathRewrite, type PathRewrite } from './path.ts';

const TABLE: readonly (readonly [request: string, match: string, replacement: string, result: string])[] = [
  ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz/', '/xyz/bar'],
  ['/foo', '/foo', '/xyz', '/xyz'],
  ['/foo/', '/foo', '/xyz', '/xyz/'],
  ['/foo/bar', '/foo', '', '/bar'],
  ['/foo/', '/foo', '', '/'],
  ['/foo', '/foo', '', '/'],
  ['/foo/', '/foo', '/', '/'],
  ['/foo', '/foo', '/', '/'],
  ['/bar', '/', '/xyz', '/xyz/bar'],
  ['/a.b/c', '/a.b', '/', '/c'],
  ['/foo/bar', '/foo', '/w\\1/', '/w\\1/bar'],
];

function applied(rewrite: PathRewrite, path: string, prefix: string): string {
  switch (rewrite.kind) {
    case 'full':
      return rewrite.value;
    case 'prefix':
      return rewrite.value + path.slice(prefix.length);
    case 'regex': {
      const substitution = rewrite.substitution.replaceAll('\\\\', '\\').replaceAll('$', '$$$$');
      return path.replace(new RegExp(rewrite.regex), substitution);
    }
  }
}

for (const [request, prefix, replacement, result] of TABLE) {
  test(`${request} matched by ${prefix}, replaced by '${replacement}', is ${result}`, () => {
    const match = matchRow({ path: { type: 'PathPrefix', value: prefix } });
    const rewrite = pathRewrite({ kind: 'prefix', value: replacement }, match);
    const matched = match.path.kind === 'prefix' ? match.path.value : '';
    assert.equal(applied(rewrite, request, matched), result);
  });
}

test('what means something in an expression is escaped', () => {
  const text = '/a.b+(c)[d]{e}^$|?*\\';
  assert.ok(new RegExp(`^${escaped(text)}$`).test(text));
});
