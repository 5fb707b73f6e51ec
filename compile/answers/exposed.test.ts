/** What is exposed is seen before and after: by plan, check and Invariants. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { objectsFrom } from '@weft/core/mesh-view/testing';
import { analyse } from './analyse.ts';
import { brokenInvariants } from './invariants.ts';
import { planOf } from './plan.ts';
import { World } from './world.ts';

const SHOP = `${readFileSync(path.join(import.meta.dirname, '../behaviours/shop.yaml'), 'utf8')}
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  selector: { app: web }
  ports:
    - { name: http, port: 80, targetPort: http, appProtocol: http }
    - { name: admin, port: 81, targetPort: admin, appProtocol: tcp }
---
apiVersion: weft.dev/v1alpha1
kind: Invariant
metadata: { name: secret, namespace: shop }
spec: { targetRefs: [{ name: web, sectionName: http }], encrypted: true }
---
apiVersion: weft.dev/v1alpha1
kind: Invariant
metadata: { name: nobody, namespace: shop }
spec: { targetRefs: [{ name: web, sectionName: http }], never: [{ requests: [{ method: GET, path: /healthz }] }] }
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: none, namespace: shop }
spec: { targetRefs: [{ name: web }], action: ALLOW, rules: [] }
`;

const exposing = (port: string, listenerPort = 15_020): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Authentication
metadata: { name: health, namespace: shop }
spec:
  targetRefs: [{ name: web, sectionName: ${port} }]
  exposed: { listenerPort: ${listenerPort}, paths: [/healthz] }
`;

const DENY = `
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: never, namespace: shop }
spec: { targetRefs: [{ name: web }], action: DENY, rules: [{ to: [{ paths: [/healthz] }] }] }
`;

const worldOf = (text: string): World => new World(objectsFrom(SHOP + text));
const SOURCE = 'Authentication/shop/health#spec.exposed';
const LINE = `GET /healthz of port 3000 of shop/web-1, at port 15020  ${SOURCE}`;

test('plan says what a change exposes and closes, and which invariants that breaks', () => {
  const [closed, open] = [worldOf(''), worldOf(exposing('http'))];
  assert.deepEqual(brokenInvariants(closed), []);
  const opening = planOf(closed, open);
  assert.deepEqual([opening.exposed, opening.closed], [[LINE], []]);
  assert.deepEqual(
    opening.broken.map(({ place, message }) => `${place.object}: ${message}`),
    [
      ...['shop/bare-1', 'shop/web-1', 'a caller outside the mesh'].map(
        (caller) =>
          `Invariant/shop/nobody: shop/web:80: ${caller} gets through with GET /healthz as anybody does, by ${SOURCE}`,
      ),
      `Invariant/shop/secret: shop/web:80: /healthz of shop/web-1 are answered in plaintext, by ${SOURCE}`,
    ],
  );
  const denied = worldOf(`${exposing('http')}${DENY}`);
  assert.deepEqual(
    brokenInvariants(denied).map(({ place }) => place.object),
    ['Invariant/shop/secret'],
  );
  const closing = planOf(open, closed);
  assert.deepEqual([closing.exposed, closing.closed, closing.broken], [[], [LINE], []]);
});

test('check says what is exposed, and what is not opened', () => {
  const found = (text: string): string[] =>
    analyse(worldOf(text), true)
      .filter(({ place }) => place.object === 'Authentication/shop/health')
      .map(({ code, severity, message }) => `${severity} ${code}: ${message}`);
  assert.deepEqual(found(exposing('http')), [
    'info path-exposed: anybody in reach of port 15020 of Workload/shop/web-1 may GET /healthz in plaintext',
  ]);
  assert.deepEqual(found(exposing('admin')), [
    'warning not-exposed: nothing is exposed at Workload/shop/web-1: port 3001 speaks tcp, which has no paths',
  ]);
  for (const own of [3001, 15_001])
    assert.deepEqual(found(exposing('http', own)), [
      `warning not-exposed: nothing is exposed at Workload/shop/web-1: port ${own} is one of the workload’s own or its proxy’s`,
    ]);
});
