/** Whom proxies ask about requests, a limiter or the service of an Extension: in files it is taken as there; in a mesh that runs its absence counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, type Explanation, GET_ROOT, isAnswer, OUTSIDER, populate, World } from '@weft/compile/answers';
import { objectsFrom } from '@weft/core/mesh-view/testing';

const BASE = `
apiVersion: v1
kind: Service
metadata: { name: a }
spec: { selector: { app: a }, ports: [{ name: http, port: 80, appProtocol: http }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: weft, listeners: [{ name: http, protocol: HTTP, port: 8080 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: a }
spec: { parentRefs: [{ name: edge }], rules: [{ backendRefs: [{ name: a, port: 80 }] }] }
---
`;
const WORKLOADS = ['a', 'web', 'edge']
  .map(
    (name) => `
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: ${name}-1, labels: { app: ${name}${name === 'edge' ? ', gateway.networking.k8s.io/gateway-name: edge' : ''} } }
spec: { account: ${name}, addresses: [{ ip: 127.0.0.1 }], ports: [${name === 'a' ? '{ name: http, port: 80, protocol: http, proxyPort: 15100 }' : ''}] }`,
  )
  .join('');

const limit = (target: string, onFailure = 'Deny', extra = ''): string => `
apiVersion: weft.dev/v1alpha1
kind: RateLimit
metadata: { name: counted }
spec:
  targetRefs: [${target}]
  global: { limiter: { name: limiter }, onFailure: ${onFailure}, limits: [{ requests: 5, per: 1m }] }
${extra}`;
const eyes = (target: string, onFailure = 'Deny'): string => `
apiVersion: weft.dev/v1alpha1
kind: Extension
metadata: { name: eyes }
spec: { targetRefs: [${target}], processing: { service: { name: eyes }, onFailure: ${onFailure} } }
`;
const SERVICE = '{ kind: Service, name: a }';
const GATEWAY = '{ kind: Gateway, name: edge }';
const LISTENER = '{ kind: Gateway, name: edge, sectionName: http }';

/** Of a call from `web`, and of one from outside. */
function answers(yaml: string, running: boolean): { readonly called: Explanation; readonly entered: Explanation } {
  const objects = objectsFrom(`${BASE}${yaml}${running ? WORKLOADS : ''}`);
  const populated = populate(objects, { service: 'default/a', caller: 'default/web-1', gateway: '*', running });
  const world = new World(populated.objects);
  const ask = (question: Partial<Parameters<typeof explain>[1]>): Explanation => {
    const answer = explain(world, { to: 'default/a', port: 80, request: GET_ROOT, ...question } as never);
    assert.ok(isAnswer(answer), JSON.stringify(answer));
    return answer;
  };
  return {
    called: ask({ from: { kind: 'workload', key: 'default/web-1' } }),
    entered: ask({ from: OUTSIDER, to: 'default/edge', port: 8080, gateway: true } as never),
  };
}

const CASES: readonly [string, string, boolean, boolean][] = [
  ['a limiter of a service', limit(SERVICE), false, false],
  ['a limiter that may be missing', limit(SERVICE, 'Allow'), true, true],
  ['a limit that only counts', limit(SERVICE, 'Deny', '  mode: Shadow'), true, true],
  ['a limiter of a Gateway', limit(GATEWAY), true, false],
  ['a limiter of a listener', limit(LISTENER), true, false],
  ['a processor of a service', eyes(SERVICE), false, false],
  ['a processor that may be missing', eyes(SERVICE, 'Allow'), true, true],
  ['a processor of a Gateway', eyes(GATEWAY), true, false],
];

for (const [name, yaml, called, entered] of CASES) {
  test(`${name}, in files: taken as there`, () => {
    const found = answers(yaml, false);
    assert.deepEqual([found.called.verdict.kind, found.entered.verdict.kind], ['allowed', 'allowed']);
  });
  test(`${name}, in a mesh that runs without it: ${called ? 'passes' : '500'} at the service, ${entered ? 'passes' : '500'} from outside`, () => {
    const found = answers(yaml, true);
    for (const [answer, passes] of [
      [found.called, called],
      [found.entered, entered],
    ] as const) {
      assert.equal(answer.verdict.kind, passes ? 'allowed' : 'denied', answer.verdict.reason);
      if (passes) continue;
      assert.equal(answer.verdict.status, 500);
      assert.match(answer.verdict.source ?? '', /^(RateLimit\/default\/counted|Extension\/default\/eyes)#spec/);
    }
  });
}

test('the assumption is told', () => {
  const { assumptions } = populate(objectsFrom(limit(SERVICE)), {
    service: undefined,
    caller: undefined,
    running: false,
  });
  assert.ok(
    assumptions.includes(
      'there is no Service default/limiter, which proxies ask about requests: taken as one that answers',
    ),
    assumptions.join('\n'),
  );
});
