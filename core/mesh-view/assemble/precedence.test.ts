import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConditionsRow } from '../conditions.ts';
import type { HttpMatchRow, HttpRuleRow } from '../rows.ts';
import { bySpecificity, rank, type RankedRoute } from './precedence.ts';

const RULE: HttpRuleRow = {
  filters: [],
  backends: [],
  timeouts: { request: undefined, backendRequest: undefined },
  retry: undefined,
  session: undefined,
  targets: [],
  source: '',
};

const name = fc.constantFrom('a', 'b', 'c');
const named = fc
  .uniqueArray(name, { maxLength: 2 })
  .map((names) => names.toSorted().map((key) => ({ name: key, value: { kind: 'exact' as const, value: 'x' } })));
const conditions: fc.Arbitrary<ConditionsRow> = fc.record({
  scheme: fc.constantFrom(undefined, 'http' as const, 'https' as const),
  headers: fc.uniqueArray(name, { maxLength: 2 }).map((names) =>
    names.toSorted().map((one) => ({
      name: one,
      match: { kind: 'present' as const, present: true },
      invert: false,
      treatMissingAsEmpty: false,
    })),
  ),
  from: fc.constantFrom([], ['[]']),
});
const match: fc.Arbitrary<HttpMatchRow> = fc
  .record({
    path: fc.oneof(
      fc.record({ kind: fc.constant('exact' as const), value: fc.constantFrom('/a', '/a/b') }),
      fc.record({ kind: fc.constant('prefix' as const), value: fc.constantFrom('/', '/a', '/a/b') }),
      fc.record({ kind: fc.constant('regex' as const), regex: fc.constantFrom('/a.*', '/.') }),
    ),
    method: fc.constantFrom('', 'GET', 'POST'),
    headers: named,
    queryParameters: named,
    anyCase: fc.boolean(),
    conditions: fc.option(conditions, { nil: undefined }),
  })
  .map(({ anyCase, path, conditions: asked, ...rest }) => ({
    ...rest,
    path: anyCase ? { ...path, ignoreCase: true } : path,
    ...(asked === undefined ? {} : { conditions: asked }),
  }));

const routes: fc.Arbitrary<readonly RankedRoute[]> = fc
  .array(
    fc.record({
      created: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
      matches: fc.array(match, { minLength: 1, maxLength: 5 }),
    }),
    { maxLength: 4 },
  )
  .map((list) =>
    list.map(({ created, matches }, index): RankedRoute => {
      const key = `ns/r${index}`;
      return {
        key,
        created,
        rules: matches.map((row, at) => ({
          rule: RULE,
          matches: [{ match: row, source: `${key}#${at}`, path: `${at}` }],
        })),
      };
    }),
  );

test('the order is by specificity, whatever order routes come in; nothing is lost, nothing stands twice', () => {
  fc.assert(
    fc.property(routes, (list) => {
      const { entries, shadowed } = rank(list);
      assert.deepEqual(rank(list.toReversed()), { entries, shadowed });
      for (const [index, entry] of entries.entries()) {
        const next = entries[index + 1];
        if (next !== undefined) assert.ok(bySpecificity(entry.match, next.match) <= 0);
      }
      const texts = entries.map((entry) => JSON.stringify(entry.match));
      assert.equal(new Set(texts).size, texts.length);
      assert.equal(entries.length + shadowed.length, list.flatMap((route) => route.rules).length);
    }),
  );
});

test('a shadowed match is never older than the one that decides', () => {
  fc.assert(
    fc.property(routes, (list) => {
      const created = new Map(list.map((route) => [route.key, route.created]));
      for (const { route, byRoute } of rank(list).shadowed) {
        const [older, younger] = [created.get(byRoute) ?? '', created.get(route) ?? ''];
        assert.ok(older < younger || (older === younger && byRoute <= route));
      }
    }),
  );
});
