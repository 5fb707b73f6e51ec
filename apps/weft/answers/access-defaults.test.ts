/** Who may call where no AccessPolicy says so, by namespace: what explain and plan say of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, type Explanation, GET_ROOT, isAnswer, planOf, remedyOf, World } from '@weft/compile/answers';
import { objectsFrom } from '@weft/core/mesh-view/testing';

const mesh = (access: string): string => `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, access: ${access} }
`;
const service = (namespace: string): string => `
---
apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: ${namespace} }
spec: { selector: { app: orders }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: orders-1, namespace: ${namespace}, labels: { app: orders } }
spec: { account: orders, addresses: [{ ip: 127.0.0.1 }], ports: [{ name: http, port: 8080, protocol: http, proxyPort: 15001 }] }
`;
const ALLOW = `
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: callers, namespace: payments }
spec: { targetRefs: [{ name: orders }], rules: [{ from: [{ namespaces: [other] }] }] }
`;
const world = (access: string, more = ''): World =>
  new World(objectsFrom(mesh(access) + service('shop') + service('payments') + more));

function ask(
  of: World,
  from: string,
  to: string,
): { readonly answer: Explanation; readonly change: string | undefined } {
  const question = {
    from: { kind: 'workload', key: `${from}/orders-1` },
    to: `${to}/orders`,
    port: 80,
    request: GET_ROOT,
  } as const;
  const answer = explain(of, question);
  assert.ok(isAnswer(answer), JSON.stringify(answer));
  return { answer, change: remedyOf(of, question, answer)?.change };
}
const said = ({ verdict: { kind, source } }: Explanation): string => `${kind} ${source}`;

test('a namespace that denies by default: explain says where that stands, and the policy that lets in', () => {
  const closed = world('{ namespaces: { payments: { default: Deny } } }');
  const { answer, change } = ask(closed, 'shop', 'payments');
  assert.equal(said(answer), 'denied Mesh/default#spec.access.namespaces.payments.default');
  assert.match(change ?? '', /create an AccessPolicy for Service orders/);
  assert.equal(said(ask(closed, 'payments', 'shop').answer), 'allowed undefined');
});

test('one that allows by default in a mesh that denies', () => {
  const open = world('{ default: Deny, namespaces: { shop: { default: Allow } } }');
  assert.equal(said(ask(open, 'payments', 'shop').answer), 'allowed undefined');
  assert.equal(said(ask(open, 'shop', 'payments').answer), 'denied Mesh/default#spec.access.default');
});

test('where ALLOW policies are about the port they refuse, not the default', () => {
  const guarded = world('{ namespaces: { payments: { default: Deny } } }', ALLOW);
  assert.equal(said(ask(guarded, 'shop', 'payments').answer), 'denied undefined');
});

test('plan tells the calls that a default of a namespace closes', () => {
  const plan = planOf(world('{}'), world('{ namespaces: { payments: { default: Deny } } }'));
  assert.deepEqual(
    plan.calls.map(({ kind, service: to }) => `${kind} ${to}`),
    ['denied payments/orders'],
  );
  assert.deepEqual(plan.proxies, ['payments/orders-1']);
});
