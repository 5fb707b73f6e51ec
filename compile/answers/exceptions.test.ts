/** Of a rule as little is taken out as lets the call pass: no part of it does. Rules are made of few names; the call is one of each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exceptionsOf, type Rule } from './exceptions.ts';

const CALL = { accounts: 'web', namespaces: 'shop', paths: ['/a', '/*'], methods: ['GET'] } as const;

/** As an engine takes it: one entry of each side fits, one name of each list. */
function refuses(rule: Rule | undefined): boolean {
  if (rule === undefined) return false;
  const from = rule.from?.some(
    ({ accounts, namespaces }) =>
      (accounts?.includes(CALL.accounts) ?? true) && (namespaces?.includes(CALL.namespaces) ?? true),
  );
  const to = rule.to?.some(
    ({ paths, methods }) =>
      (paths?.some((path) => CALL.paths.includes(path as never)) ?? true) &&
      (methods?.some((method) => CALL.methods.includes(method as never)) ?? true),
  );
  return (from ?? true) && (to ?? true);
}

const passes = (rule: Rule | undefined): boolean => !refuses(rule);

const someOf = (names: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...names], { minLength: 1 });
const rules = fc
  .record(
    {
      from: fc.array(
        fc.record(
          { accounts: someOf(['web', 'job', 'other']), namespaces: someOf(['shop', 'bank']) },
          { requiredKeys: ['accounts'] },
        ),
        { minLength: 1, maxLength: 3 },
      ),
      to: fc.array(
        fc.record({ paths: someOf(['/a', '/b', '/*']), methods: someOf(['GET', 'PUT']) }, { requiredKeys: ['paths'] }),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
    },
    { requiredKeys: [] },
  )
  .map((rule) => rule as unknown as Rule)
  .filter(refuses);

type Entry = Readonly<Record<string, readonly string[]>>;
const entriesOf = (rule: Rule, side: 'from' | 'to'): readonly Entry[] =>
  (rule[side] ?? []) as unknown as readonly Entry[];
const isLeftOf = (left: Entry | undefined, entry: Entry): left is Entry =>
  left !== undefined &&
  Object.keys(left).length === Object.keys(entry).length &&
  Object.entries(left).every(([field, names]) => names.every((name) => entry[field]?.includes(name)));

/** Which entries those that are left may have been, in their order: two may be left alike. */
function* origins(entries: readonly Entry[], kept: readonly Entry[]): Generator<(Entry | undefined)[]> {
  const [entry, ...others] = entries;
  if (entry === undefined) {
    if (kept.length === 0) yield [];
    return;
  }
  if (isLeftOf(kept[0], entry)) for (const rest of origins(others, kept.slice(1))) yield [kept[0], ...rest];
  for (const rest of origins(others, kept)) yield [undefined, ...rest];
}

/** The entry with only those names of a list that are not the call's, for each list that has such. */
const otherCalls = (entry: Entry): Entry[] =>
  Object.entries(entry).flatMap(([field, names]) => {
    const call: readonly string[] = [CALL[field as keyof typeof CALL]].flat();
    const others = names.filter((name) => !call.includes(name));
    return others.length === 0 ? [] : [{ ...entry, [field]: others }];
  });

/** What is left of a side with one more name, or one more entry or part of one, of those that went. */
const putBack = (entries: readonly Entry[], left: readonly (Entry | undefined)[]): (readonly Entry[])[] =>
  entries.flatMap((entry, index) => {
    const own = left[index];
    const instead = (one: Entry): readonly Entry[] =>
      left.toSpliced(index, 1, one).filter((each) => each !== undefined);
    if (own === undefined) return [entry, ...otherCalls(entry)].map(instead);
    return Object.entries(entry).flatMap(([field, names]) =>
      names
        .filter((name) => own[field]?.includes(name) !== true)
        .map((name) => instead({ ...own, [field]: [...(own[field] ?? []), name] })),
    );
  });

test('what is left lets the call pass; with any name put back it does not', () => {
  let partial = 0;
  fc.assert(
    fc.property(rules, (rule) => {
      const [first] = exceptionsOf(rule, passes);
      assert.ok(first !== undefined && passes(first.rule), JSON.stringify(first));
      if (first.rule === undefined) {
        assert.equal(first.change, 'take this rule out');
        for (const side of ['from', 'to'] as const)
          assert.deepEqual(entriesOf(rule, side).flatMap(otherCalls), [], 'a part would do');
        return;
      }
      partial += 1;
      const { rule: left } = first;
      for (const side of ['from', 'to'] as const) {
        const entries = entriesOf(rule, side);
        const least = origins(entries, entriesOf(left, side)).some((kept) =>
          putBack(entries, kept).every((more) => refuses({ ...left, [side]: more } as Rule)),
        );
        assert.ok(least, `with more of \`${side}\` it passes too: ${JSON.stringify(first)}`);
      }
    }),
    { numRuns: 500, seed: 2027 },
  );
  assert.ok(partial > 100, `${partial} in part`);
});

const CASES: readonly [string, object, string, object | undefined][] = [
  [
    'of two accounts',
    { from: [{ accounts: ['web', 'job'] }] },
    'take web out of `from[0].accounts`',
    { from: [{ accounts: ['job'] }] },
  ],
  [
    'of two destinations',
    { from: [{ accounts: ['web'] }], to: [{ paths: ['/a'] }, { paths: ['/b'] }] },
    'take the entry to[0] out',
    { from: [{ accounts: ['web'] }], to: [{ paths: ['/b'] }] },
  ],
  [
    'paths that fit both go',
    { to: [{ paths: ['/a', '/*', '/b'], methods: ['GET'] }] },
    'take /a,/* out of `to[0].paths`',
    { to: [{ paths: ['/b'], methods: ['GET'] }] },
  ],
  [
    'an entry is gone by either list, and only one can keep a name',
    { from: [{ accounts: ['web'] }], to: [{ paths: ['/*', '/b'], methods: ['GET'] }] },
    'take /* out of `to[0].paths`',
    { from: [{ accounts: ['web'] }], to: [{ paths: ['/b'], methods: ['GET'] }] },
  ],
  ['nothing can be left', { from: [{ accounts: ['web'] }] }, 'take this rule out', undefined],
  ['a rule about everything', {}, 'take this rule out', undefined],
];
for (const [name, rule, change, left] of CASES)
  test(name, () => {
    const [first] = exceptionsOf(rule as Rule, passes);
    assert.deepEqual([first?.change, first?.rule], [change, left]);
  });
