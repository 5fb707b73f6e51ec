/** What the analyser says of objects that are each right by themselves: `CODE SOURCE`, on files and of a mesh that runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse, World } from '@weft/compile/answers';
import type { StoredObject } from '@weft/core/resources';
import { readObjects } from '@weft/core/resources/text';

const SERVICES = `
apiVersion: v1
kind: Service
metadata: { name: a }
spec: { selector: { app: a }, ports: [{ port: 80, appProtocol: http }] }
---
apiVersion: v1
kind: Service
metadata: { name: b }
spec: { selector: { app: b }, ports: [{ port: 80, appProtocol: http }] }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: a-1, labels: { app: a } }
spec: { addresses: [{ ip: 10.0.0.1 }], ports: [{ name: http, port: 80, protocol: http, proxyPort: 15000 }] }
`;

const policy = (name: string, spec: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: ${name} }
spec: { targetRefs: [{ name: a }], ${spec} }`;

const route = (rules: string): string => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: r }
spec: { parentRefs: [{ group: "", kind: Service, name: a }], rules: ${rules} }`;

const mesh = (mode: string): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, mtls: { mode: ${mode} } }`;

const outside = (name: string, hosts: string, port: number): string => `
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: ${name} }
spec: { ${hosts}, ports: [{ port: ${port} }] }`;

const CASES: readonly { readonly what: string; readonly text: string; readonly expected: readonly string[] }[] = [
  { what: 'nothing', text: '', expected: [] },
  {
    what: 'a port of which nothing says what it carries',
    text: '\n---\napiVersion: v1\nkind: Service\nmetadata: { name: c }\nspec: { selector: { app: a }, ports: [{ port: 80 }] }',
    expected: ['no-protocol Service/default/c#spec.ports[0]'],
  },
  {
    what: 'a path behind a regular expression that takes everything',
    text: route(
      '[{ matches: [{ path: { type: RegularExpression, value: "/.*" } }], backendRefs: [{ name: a, port: 80 }] }, { matches: [{ path: { value: /x } }], backendRefs: [{ name: a, port: 80 }] }]',
    ),
    expected: ['never-matches HTTPRoute/default/r#spec.rules[1]'],
  },
  {
    what: 'a share with nobody behind it, and one without a share',
    text: route(
      '[{ backendRefs: [{ name: a, port: 80 }, { name: b, port: 80, weight: 1 }, { name: b, port: 80, weight: 0 }] }]',
    ),
    expected: ['no-endpoints HTTPRoute/default/r#spec.rules[0].backendRefs[1]'],
  },
  {
    what: 'an ALLOW whose callers are all denied',
    text:
      policy('allow', 'rules: [{ from: [{ accounts: [x] }] }, { from: [{ accounts: [w], namespaces: [other] }] }]') +
      policy('deny', 'action: DENY, rules: [{ from: [{ namespaces: [default] }] }]'),
    expected: ['contradicting-policies AccessPolicy/default/allow#spec.rules[0]'],
  },
  {
    what: 'hosts below a wildcard, and addresses of a range, that other ExternalServices name more exactly',
    text:
      outside('wide', 'hosts: ["x.example", "*.example", "*.a.example"], addresses: [10.0.0.0/8, 10.1.0.0/16]', 443) +
      outside('exact', 'host: b.a.example', 443) +
      outside('narrower', 'host: "*.b.example"', 443) +
      outside('another-port', 'host: c.example', 80) +
      outside('the-name-itself', 'host: a.example.org', 443) +
      outside('address', 'addresses: [10.1.2.3]', 443),
    expected: [
      'host-shadowed ExternalService/default/wide#spec.addresses[1]',
      'host-shadowed ExternalService/default/wide#spec.hosts[1]',
      'host-shadowed ExternalService/default/wide#spec.hosts[2]',
    ],
  },
  {
    what: 'a DENY that asks about something else contradicts nothing',
    text:
      policy('allow', 'rules: [{ from: [{ accounts: [x] }] }]') +
      policy('deny', 'action: DENY, rules: [{ from: [{ namespaces: [default] }], to: [{ methods: [POST] }] }]'),
    expected: [],
  },
  {
    what: 'a policy about no workload that runs',
    text: policy('nobody', 'workloadSelector: { app: z }'),
    expected: ['selects-nothing AccessPolicy/default/nobody#spec.targetRefs'],
  },
  {
    what: 'plaintext is accepted, and travels where there is no proxy',
    text: `${mesh('Permissive')}\n---\napiVersion: weft.dev/v1alpha1\nkind: Workload\nmetadata: { name: b-1, labels: { app: b } }\nspec: { addresses: [{ ip: 10.0.0.2 }], ports: [{ name: http, port: 80, protocol: http }] }`,
    expected: ['plaintext-accepted Mesh/default#spec.mtls.mode', 'plaintext-hop Service/default/b#spec.ports'],
  },
  { what: 'a strict mesh', text: mesh('Strict'), expected: [] },
];

for (const { what, text, expected } of CASES)
  test(what, () => {
    const { objects, diagnostics } = readObjects(SERVICES + text, 'test');
    assert.deepEqual(diagnostics, []);
    const world = new World(objects.flatMap(({ object }): StoredObject[] => (object === undefined ? [] : [object])));
    const said = analyse(world, true).map(({ code, place }) => `${code} ${place.object}#${place.path}`);
    assert.deepEqual(said.sort(), [...expected].sort());
  });
