// What an index leaves out must not match: many rules decide as each of them asked in its order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HeaderMatcher, Rbac, RbacPermission, RbacPolicy, RbacPrincipal, Route } from '../proxy-config/index.ts';
import { manyRoutes, requestOf } from './testing/many.ts';
import { CompiledRbac } from './access.ts';
import { Candidates, PrefixIndex } from './literal-index.ts';
import { RouteTable } from './route-table.ts';

const refuse = (message: string): never => assert.fail(message);
const PATHS = ['', '/', '/a', '/a/', '/a/b', '/ab', '/b', '/b/c', '/A'];
const path = fc.constantFrom(...PATHS);
const NAMES = ['spiffe://m/ns/a/sa/a', 'spiffe://m/ns/a/sa/b', 'CN=a', ''];

const matcher = (value: fc.Arbitrary<string>) =>
  fc.record({
    kind: fc.constantFrom('exact' as const, 'prefix' as const, 'suffix' as const),
    value,
    ignoreCase: fc.boolean(),
  });

const header: fc.Arbitrary<HeaderMatcher> = fc.record({
  name: fc.constantFrom('x-a', ':method', ':path'),
  match: fc.record({
    kind: fc.constant('string' as const),
    matcher: matcher(fc.constantFrom('1', '2', 'GET', '/a', '')),
  }),
  invert: fc.boolean(),
  treatMissingAsEmpty: fc.boolean(),
});

const nested = <Rule>(leaf: fc.Arbitrary<Rule>): fc.Arbitrary<Rule> =>
  fc.letrec<{ rule: Rule }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      leaf,
      fc.record({
        kind: fc.constantFrom('and', 'or'),
        rules: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }),
      }) as fc.Arbitrary<Rule>,
      fc.record({ kind: fc.constant('not'), rule: tie('rule') }) as fc.Arbitrary<Rule>,
    ),
  })).rule;

const permission = nested<RbacPermission>(
  fc.oneof(
    fc.constant({ kind: 'any' as const }),
    fc.record({ kind: fc.constant('url-path' as const), matcher: matcher(path) }),
    fc.record({ kind: fc.constant('header' as const), header }),
  ),
);
const principal = nested<RbacPrincipal>(
  fc.oneof(
    fc.constant({ kind: 'any' as const }),
    fc.record({
      kind: fc.constant('authenticated' as const),
      name: fc.option(matcher(fc.constantFrom(...NAMES)), { nil: undefined }),
    }),
    fc.record({ kind: fc.constant('header' as const), header }),
  ),
);
const policies = fc.array(
  fc.record({
    permissions: fc.array(permission, { minLength: 1, maxLength: 2 }),
    principals: fc.array(principal, { minLength: 1, maxLength: 2 }),
  }),
  { minLength: 16, maxLength: 40 },
);

const asked = fc.record({
  path,
  method: fc.constantFrom('GET', 'POST'),
  values: fc.constantFrom([], ['1'], ['2', '1'], ['1', '1']),
  peer: fc.option(
    fc.record({
      uriSans: fc.subarray(NAMES.slice(0, 2)),
      dnsSans: fc.constantFrom([], ['CN=a']),
      subject: fc.constantFrom('', 'CN=a'),
    }),
    { nil: undefined },
  ),
});

test('access rules', () => {
  fc.assert(
    fc.property(policies, fc.constantFrom('ALLOW' as const, 'DENY' as const), asked, (made, action, given) => {
      const named = made.map((one, index): RbacPolicy => ({ ...one, name: `p${index}`, source: undefined }));
      const request = requestOf(given);
      const alone = named.find((policy) => {
        const rbac: Rbac = { action, policies: [policy] };
        return new CompiledRbac(rbac, refuse).evaluate(request, request).policy !== undefined;
      });
      const { policy } = new CompiledRbac({ action, policies: named }, refuse).evaluate(request, request);
      assert.equal(policy?.name, alone?.name);
    }),
    { numRuns: 400 },
  );
});

test('routes', () => {
  const match: fc.Arbitrary<Route['match']['path']> = fc.oneof(
    fc.record({
      kind: fc.constantFrom('prefix' as const, 'exact' as const, 'path-separated-prefix' as const),
      value: fc.constantFrom('/', '/a', '/a/b', '/ab', '/b'),
      ignoreCase: fc.boolean(),
    }),
    fc.constant({ kind: 'regex' as const, regex: '/a.*', ignoreCase: false }),
  );
  fc.assert(
    fc.property(fc.array(match, { minLength: 16, maxLength: 40 }), asked, (paths, given) => {
      const request = requestOf(given);
      const alone = paths.findIndex((one) => new RouteTable(manyRoutes([one]), refuse).match(request, 0) !== undefined);
      const found = new RouteTable(manyRoutes(paths), refuse).match(request, 0);
      assert.equal(found?.ordinal ?? -1, alone);
    }),
    { numRuns: 400 },
  );
});

test('several lists are one in order, each rule once', () => {
  const list = fc.uniqueArray(fc.nat(30), { maxLength: 10 }).map((numbers) => numbers.sort((a, b) => a - b));
  const candidates = new Candidates();
  fc.assert(
    fc.property(fc.array(list, { maxLength: 4 }), (lists) => {
      candidates.begin();
      for (const one of lists) candidates.add(one);
      assert.deepEqual(
        taken(candidates),
        [...new Set(lists.flat())].sort((a, b) => a - b),
      );
    }),
  );
});

test('beginnings of a text', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'ü'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), text, (literals, asked) => {
      const index = new PrefixIndex();
      for (const [rule, literal] of literals.entries()) index.add(literal, rule);
      const candidates = new Candidates();
      candidates.begin();
      index.collect(asked, candidates);
      const wanted = literals.flatMap((literal, rule) => (asked.startsWith(literal) ? [rule] : []));
      assert.deepEqual(taken(candidates), wanted);
    }),
  );
});

function taken(candidates: Candidates): number[] {
  const rules: number[] = [];
  for (let rule = candidates.next(); rule >= 0; rule = candidates.next()) rules.push(rule);
  return rules;
}
