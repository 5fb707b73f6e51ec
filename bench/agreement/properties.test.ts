/** What docs/policy.md promises, over the meshes that `npm run bench -- agree` is made of: every kind of object, every kind of request. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { explain, type Explanation, isAnswer, remedyOf, World } from '@weft/compile/answers';
import type { StoredObject } from '@weft/core/resources';
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

test('the change that would allow a refused request does', () => {
  let proposed = 0;
  let whole = 0;
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
        }
      }
    }),
    { numRuns: 150, seed: 2027 },
  );
  assert.ok(whole > proposed / 2, `${whole} of ${proposed}`);
  assert.ok(proposed > 20, `${proposed} changes`);
});

const refused = ({ arrivals }: Explanation): number =>
  arrivals.reduce(
    (sum, { allowed, by, share }) => (!allowed && (by === 'request' || by === 'connection') ? sum + share : sum),
    0,
  );
