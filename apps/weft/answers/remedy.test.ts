/**
 * Of the entries that rules could get, the one is offered that lets the least through, where nothing was open to the caller before: what a rule is
 * about is counted by what it names, and not by what other rules let through already.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, GET_ROOT, isAnswer, remedyOf, World } from '@weft/compile/answers';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import type { AccessPolicy } from '@weft/core/resources';
import fc from 'fast-check';

const ACCOUNTS = ['web', 'job', 'cron'];
const METHODS = ['GET', 'PUT'];
const PATHS = ['/a', '/b', '/c'];

const workload = (name: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ${name}-1, namespace: shop, labels: { app: ${name} } }
spec: { addresses: [{ ip: 127.0.0.1 }], account: ${name}, ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
`;
const BASE = `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: shop }
spec: { selector: { app: orders }, ports: [{ name: http, port: 80, appProtocol: http }] }
${['orders', ...ACCOUNTS].map(workload).join('')}
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: callers, namespace: shop }
spec: { targetRefs: [{ name: orders }], action: ALLOW, rules: [{ from: [{ accounts: [nobody] }] }] }
`;
const objects = objectsFrom(BASE);
const policy = objects.find((object): object is AccessPolicy => object.kind === 'AccessPolicy');
assert.ok(policy);

type Rules = AccessPolicy['spec']['rules'];
const withRules = (rules: Rules): AccessPolicy => ({ ...policy, spec: { ...policy.spec, rules } });
const question = (account: string, method: string, path: string) =>
  ({
    from: { kind: 'workload', key: `shop/${account}-1` },
    to: 'shop/orders',
    port: 80,
    request: { ...GET_ROOT, method, path },
  }) as const;

/** Which of the possible requests pass. */
function passing(object: AccessPolicy): Set<string> {
  const world = new World(objects).with([object]);
  const passed = new Set<string>();
  for (const account of ACCOUNTS)
    for (const method of METHODS)
      for (const path of PATHS) {
        const answer = explain(world, question(account, method, path));
        assert.ok(isAnswer(answer));
        if (answer.verdict.kind === 'allowed') passed.add(`${account} ${method} ${path}`);
      }
  return passed;
}

const some = (names: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...names], { minLength: 1 });
const rule = fc
  .record({
    from: fc.array(fc.record({ accounts: some(['job', 'cron', 'nobody']) }), { minLength: 1, maxLength: 2 }),
    to: fc.option(
      fc.record({ methods: some(METHODS), paths: some(PATHS) }).map((entry) => [entry]),
      { nil: undefined },
    ),
  })
  .map(({ from, to }) => (to === undefined ? { from } : { from, to }) as Rules[number]);

test('an entry more in a rule: none that lets the call pass opens less to the caller', () => {
  fc.assert(
    fc.property(fc.array(rule, { minLength: 2, maxLength: 4 }), (rules) => {
      const before = withRules(rules);
      const asked = question('web', 'GET', '/a');
      const world = new World(objects).with([before]);
      const answer = explain(world, asked);
      assert.ok(isAnswer(answer), JSON.stringify(answer));
      const remedy = remedyOf(world, asked, answer);
      assert.ok(remedy);
      const open = passing(before).size;
      const offered = passing(remedy.object as AccessPolicy);
      assert.ok(offered.has('web GET /a'));
      rules.forEach((one, index) => {
        const wider = withRules(
          rules.map((same, at) =>
            at === index ? ({ ...one, from: [...(one.from ?? []), { accounts: ['web'] }] } as Rules[number]) : same,
          ),
        );
        const passed = passing(wider);
        if (!passed.has('web GET /a')) return;
        assert.ok(
          offered.size <= passed.size,
          `${remedy.change} at ${remedy.source} opens ${offered.size - open}, one in rules[${index}] only ${passed.size - open}`,
        );
      });
    }),
    { numRuns: 50 },
  );
});
