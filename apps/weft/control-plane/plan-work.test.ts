import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { planElsewhere } from './plan-work.ts';

/** Services that call each other, and workloads of each. */
const mesh = (services: number): string =>
  Array.from(
    { length: services },
    (_, index) => `---
apiVersion: v1
kind: Service
metadata: { name: s${index} }
spec: { selector: { app: s${index} }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: s${index}-a, labels: { app: s${index} } }
spec: { account: s${index}, addresses: [{ ip: 10.0.${index >> 8}.${index & 255} }], ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
`,
  ).join('');

const DENY = `
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: closed, namespace: default }
spec: { action: DENY, targetRefs: [{ kind: Service, name: s1 }], rules: [{ from: [{ accounts: [s2] }] }] }
`;

test('a plan of a large mesh is made while this thread goes on', async () => {
  const known = objectsFrom(mesh(600));
  const files = objectsFrom(DENY);
  const turns = monitorEventLoopDelay({ resolution: 5 });
  let went = 0;
  const beat = setInterval(() => (went += 1), 5);
  turns.enable();
  const made = await planElsewhere(known, files);
  turns.disable();
  clearInterval(beat);
  assert.deepEqual(made.objects, [{ object: 'AccessPolicy/default/closed', change: 'created' }]);
  assert.match(made.text, /NEWLY DENIED/);
  // It went on: many turns, whatever the machine does beside it.
  assert.ok(went > 10, `${went} turns, the longest ${turns.max / 1e6} ms`);
});

test('a plan that takes too long is given up, and says so', async () => {
  await assert.rejects(planElsewhere(objectsFrom(mesh(50)), objectsFrom(DENY), { patience: 1 }), /more than 0.001 s/);
});
