/** What docs/policy.md promises, over the meshes that `npm run bench -- agree` is made of: every kind of object, every kind of request. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { explain, type Explanation, isAnswer, remedyOf, World } from '@weft/compile/answers';
import type { AccessPolicy, StoredObject } from '@weft/core/resources';
import fc from 'fast-check';
import { questionOf } from './compare.ts';
import { generate, type Generated, type GeneratedRequest, stored } from './generate/index.ts';
import { SeededRandom } from './generate/random.ts';
import { WEFT } from './generate/words.ts';
import { Bench } from './run.ts';

const bench = new Bench();
after(() => bench[Symbol.asyncDispose]());

const meshOf = (seed: number): Generated => generate(new SeededRandom(seed), 3, bench.materials);
const answers = (objects: readonly StoredObject[], requests: readonly GeneratedRequest[]): unknown[] => {
  const world = new World(objects);
  return requests.map((one) => explain(world, questionOf(one)));
};
const meshes = (check: (generated: Generated, random: SeededRandom) => void): void =>
  fc.assert(
    fc.property(fc.nat(), (seed) => check(meshOf(seed), new SeededRandom(seed + 1))),
    { numRuns: 40, seed: 2027 },
  );

const others = stored([
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'far' } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'front', namespace: 'far' },
    spec: { selector: { app: 'a' }, ports: [{ name: 'http', port: 80, appProtocol: 'http' }] },
  },
  ...[
    ['AccessPolicy', { action: 'DENY', rules: [{}] }],
    ['AccessPolicy', { action: 'ALLOW', rules: [] }],
    ['Fault', { faults: [{ abort: { httpStatus: 418 } }] }],
    ['RateLimit', { local: { requests: 1, per: '1h' } }],
    ['TrafficPolicy', { timeouts: { request: '1ms' } }],
    ['Visibility', { services: [] }],
    ['Authentication', { mtls: { mode: 'Disabled' } }],
  ].map(([kind, spec], index) => ({
    apiVersion: WEFT,
    kind,
    metadata: { name: `other-${index}`, namespace: 'far' },
    spec: { targetRefs: [{ kind: 'Namespace', name: 'far' }], ...(spec as object) },
  })),
]).map((object, index) => ({ ...object, metadata: { ...object.metadata, uid: `other-${index}` } }));

test('the order in which objects arrive does not matter', () => {
  meshes(({ objects, requests }, random) => {
    const shuffled = random.some(objects, objects.length, objects.length);
    assert.equal(shuffled.length, objects.length);
    assert.deepEqual(answers(shuffled, requests), answers(objects, requests));
  });
});

test('objects that are about nothing of it change nothing', () => {
  meshes(({ objects, requests }) => {
    assert.deepEqual(answers([...objects, ...others], requests), answers(objects, requests));
  });
});

test('a DENY is never outvoted', () => {
  const [deny] = stored([
    {
      apiVersion: WEFT,
      kind: 'AccessPolicy',
      metadata: { name: 'nobody', namespace: 'shop' },
      spec: { targetRefs: [{ kind: 'Mesh', name: 'default' }], action: 'DENY', rules: [{}] },
    },
  ]);
  assert.ok(deny !== undefined);
  let asked = 0;
  meshes(({ objects, requests }) => {
    for (const one of answers([...objects, deny], requests)) {
      if (!isAnswer(one as Explanation)) continue;
      for (const { allowed, by, reason } of (one as Explanation).arrivals) {
        // Hosts outside and workloads without a proxy ask nobody.
        assert.ok(!allowed || by === 'no-proxy' || reason.includes('redirected'), reason);
        if (!allowed) asked += 1;
      }
    }
  });
  assert.ok(asked > 20, `${asked} refusals`);
});

test('the change that would allow a refused request does, and no part of it', () => {
  let proposed = 0;
  let whole = 0;
  let taken = 0;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const { objects, requests } = meshOf(seed);
      const world = new World(objects);
      for (const one of requests) {
        const question = questionOf(one);
        const before = explain(world, question);
        if (!isAnswer(before)) continue;
        const remedy = remedyOf(world, question, before);
        if (remedy === undefined) continue;
        proposed += 1;
        const then = explain(world.with([remedy.object]), question);
        assert.ok(isAnswer(then), remedy.change);
        if (before.verdict.kind === 'not-visible') assert.notEqual(then.verdict.kind, 'not-visible', remedy.change);
        else {
          assert.ok(refused(then) < refused(before), remedy.change);
          if (refused(then) === 0) whole += 1;
          if (remedy.change.startsWith('take')) taken += 1;
          for (const less of lessThan(objects, remedy.object)) {
            const still = explain(world.with([less]), question);
            assert.ok(isAnswer(still) && refused(still) > refused(then), `${remedy.change}: less of it does the same`);
          }
        }
      }
    }),
    // The example has a rule of which either of two lists can go and only one can keep a name.
    { numRuns: 150, seed: 2027, examples: [[1425086594]] },
  );
  assert.ok(whole > proposed / 2, `${whole} of ${proposed}`);
  assert.ok(proposed > 20, `${proposed} changes`);
  // Most take out one name, of which there is no part; compile/answers/exceptions.test.ts has longer rules.
  assert.ok(taken > 10, `${taken} take something out`);
});

const refused = ({ arrivals }: Explanation): number =>
  arrivals.reduce(
    (sum, { allowed, by, share }) => (!allowed && (by === 'request' || by === 'connection') ? sum + share : sum),
    0,
  );

type Rule = AccessPolicy['spec']['rules'][number];
type Entries = readonly Readonly<Record<string, unknown>>[];

/** Policies between the one that is there and `after`, which has less of one rule: some of what was taken out is put back. */
function lessThan(objects: readonly StoredObject[], after: StoredObject): AccessPolicy[] {
  const before = objects.find(
    ({ kind, metadata }) =>
      kind === after.kind && metadata.name === after.metadata.name && metadata.namespace === after.metadata.namespace,
  ) as AccessPolicy | undefined;
  if (before?.kind !== 'AccessPolicy') return [];
  const left = (after as AccessPolicy).spec.rules;
  const index = before.spec.rules.findIndex((rule, at) => !isDeepStrictEqual(rule, left[at]));
  const rule = before.spec.rules[index];
  if (rule === undefined || left.length > before.spec.rules.length) return [];
  const changed = left.length < before.spec.rules.length ? undefined : left[index];
  if (size(changed) >= size(rule)) return [];
  return partsOf(rule)
    .filter((part) => size(part) > size(changed) && (changed === undefined || contains(part, changed)))
    .map((part) => ({
      ...before,
      spec: { ...before.spec, rules: before.spec.rules.map((one, at) => (at === index ? part : one)) },
    }));
}

/** The rule without one name of one list, or without one entry. */
const partsOf = (rule: Rule): Rule[] =>
  (['from', 'to'] as const).flatMap((side) => {
    const entries = (rule[side] ?? []) as Entries;
    return entries.flatMap((entry, index): Rule[] => [
      ...(entries.length > 1 ? [{ ...rule, [side]: entries.filter((_, at) => at !== index) }] : []),
      ...LISTS.flatMap((field) => {
        const names = (entry[field] ?? []) as readonly unknown[];
        return names.length < 2
          ? []
          : names.map((_, out) => ({
              ...rule,
              [side]: entries.map((one, at) =>
                at === index ? { ...one, [field]: names.filter((_name, place) => place !== out) } : one,
              ),
            }));
      }),
    ]);
  });
const LISTS = [
  'accounts',
  'identities',
  'namespaces',
  'trustDomains',
  'ipBlocks',
  'remoteIpBlocks',
  'paths',
  'pathRegexes',
  'methods',
  'hosts',
  'ports',
];

const size = (value: unknown): number =>
  Array.isArray(value)
    ? value.reduce((sum: number, item) => sum + size(item), 0)
    : typeof value === 'object' && value !== null
      ? Object.values(value).reduce((sum: number, item) => sum + size(item), 0)
      : value === undefined
        ? 0
        : 1;

/** Every name of `part` is in `whole` too. */
const contains = (whole: unknown, part: unknown): boolean => {
  if (Array.isArray(part))
    return Array.isArray(whole) && part.every((item) => whole.some((one) => contains(one, item)));
  if (typeof part !== 'object' || part === null) return whole === part;
  return (
    typeof whole === 'object' &&
    whole !== null &&
    Object.entries(part).every(([key, value]) => contains((whole as Record<string, unknown>)[key], value))
  );
};
