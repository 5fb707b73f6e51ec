/** Invariants that traffic contradicts: what was seen to get through, of shapes as the control plane keeps them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contradictedInvariants, populate } from '@weft/compile/answers';
import type { SeenShape } from '@weft/core/documents';
import { findingNumber } from '@weft/core/kernel';
import { assemble } from '@weft/core/mesh-view';
import { objectsFrom } from '@weft/core/mesh-view/testing';

const OBJECTS = `apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop }
spec: { selector: { app: ledger }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: v1
kind: Service
metadata: { name: ledger-again, namespace: shop }
spec: { selector: { app: ledger }, ports: [{ name: http, port: 8080, targetPort: 80, appProtocol: http }] }
---
apiVersion: v1
kind: Service
metadata: { name: other, namespace: shop }
spec: { selector: { app: other }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Invariant
metadata: { name: ledger, namespace: shop }
spec:
  description: card data
  targetRefs: [{ kind: Service, name: ledger }]
  encrypted: true
  never:
    - from: [{ accounts: [batch] }]
    - from: [{ notIdentities: [shop/web, shop/batch] }]
      requests: [{ method: POST, path: /entries }]
`;

const TIMES = { parse: Date.parse, format: (ms: number) => new Date(ms).toISOString() };

const identity = (account: string): string => `spiffe://weft.local/ns/shop/sa/${account}`;

const shape = (changes: Partial<SeenShape>): SeenShape => ({
  workload: 'shop/ledger',
  identity: identity('ledger'),
  direction: 'inbound',
  peer: 'shop/web',
  peerIdentity: identity('web'),
  kind: 'http',
  secured: true,
  addressed: { service: 'shop/ledger', port: 80, gateway: false },
  method: 'GET',
  authority: 'ledger',
  pathClass: '/entries',
  outcome: 'answered',
  count: 3,
  samples: 3,
  firstSeen: 1_800_000_000_000,
  lastSeen: 1_800_000_000_000,
  example: { path: '/entries?x=1', requestId: 'id-1', status: 200, route: '' },
  ...changes,
});

const found = (...shapes: readonly SeenShape[]): (string | undefined)[][] => {
  const { objects } = populate(objectsFrom(OBJECTS), { service: undefined, caller: undefined, running: false });
  const { views } = assemble(objects, new Map());
  return contradictedInvariants(objects, views, shapes, TIMES).map(({ code, place, message, remedy }) => {
    assert.equal(findingNumber(code), 'WEFT0603');
    return [place.path, message, remedy];
  });
};

test('what is as it should be is no finding', () => {
  assert.deepEqual(found(shape({})), []);
  assert.deepEqual(found(), []);
});

test('plaintext to what is encrypted, told by either side', () => {
  const stranger = { peerIdentity: '', peer: '', secured: false };
  assert.deepEqual(found(shape(stranger), shape({ ...stranger, method: 'POST' })), [
    [
      'spec.encrypted',
      'a caller without a certificate got an answer of shop/ledger: 6 times, last 2027-01-15T08:00:00.000Z (card data)',
      'see `weft why id-1`',
    ],
  ]);
  const [sent] = found(shape({ direction: 'outbound', workload: 'shop/web', secured: false, peer: '10.0.0.1' }));
  assert.match(sent?.[1] ?? '', /^the proxy of shop\/web sent plaintext to shop\/ledger/);
  // Refused, answered by the caller's own proxy, and before the invariant was there.
  assert.deepEqual(found(shape({ ...stranger, outcome: 'refused' })), []);
  assert.deepEqual(found(shape({ direction: 'outbound', workload: 'shop/web', secured: false, peer: '' })), []);
  assert.deepEqual(found(shape({ ...stranger, lastSeen: -1 })), []);
});

test('a caller that never may, by whatever service it came; another service is none of it', () => {
  const batch = { peer: 'shop/batch', peerIdentity: identity('batch') };
  assert.deepEqual(
    found(shape(batch)).map(([path, message]) => [path, message?.slice(0, 76)]),
    [['spec.never[0]', 'spiffe://weft.local/ns/shop/sa/batch got through to shop/ledger with GET /en']],
  );
  const again = { service: 'shop/ledger-again', port: 8080, gateway: false };
  assert.equal(found(shape({ ...batch, addressed: again })).length, 1);
  const other = { service: 'shop/other', port: 80, gateway: false };
  assert.deepEqual(found(shape({ ...batch, workload: 'shop/other', addressed: other })), []);
  assert.deepEqual(found(shape({ ...batch, outcome: 'refused' })), []);
});

test('a rule about requests is about those', () => {
  const third = { peer: 'shop/third', peerIdentity: identity('third') };
  assert.deepEqual(found(shape(third)), []);
  assert.deepEqual(
    found(shape({ ...third, method: 'POST' })).map(([path]) => path),
    ['spec.never[1]'],
  );
});
