import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSpecs } from '../testing/cases.ts';
import { defaultThreads, MESH, type MeshSpec } from './index.ts';

testSpecs(MESH, [
  { what: 'a trust domain is enough', spec: 'trustDomain: shop.example', expected: [] },
  {
    what: 'a tunnel for every service',
    spec: 'trustDomain: a\ndefaults: {connections: {tunnel: {targetHost: a.example, targetPort: 1}}}',
    expected: ['exclusive-fields defaults.connections.tunnel'],
  },
  { what: 'a trust domain in upper case', spec: 'trustDomain: Shop', expected: ['invalid-value trustDomain'] },
  { what: 'a mode in lower case', spec: 'trustDomain: a\nmtls: {mode: strict}', expected: ['invalid-value mtls.mode'] },
  {
    what: 'certificates for a second',
    spec: 'trustDomain: a\ncertificates: {lifetime: 1s}',
    expected: ['out-of-range certificates.lifetime'],
  },
  {
    what: 'threads of workloads and gateways, and others in a namespace',
    spec: 'trustDomain: a\nconcurrency: {workloads: 2, namespaces: {edge: {gateways: 8}}}',
    expected: [],
  },
  {
    what: 'no threads at all',
    spec: 'trustDomain: a\nconcurrency: {workloads: 0}',
    expected: ['out-of-range concurrency.workloads'],
  },
  {
    what: 'a namespace that can be none',
    spec: 'trustDomain: a\nconcurrency: {namespaces: {Edge: {}}}',
    expected: ['invalid-key concurrency.namespaces.Edge'],
  },
  {
    what: 'who may call by default, in a namespace',
    spec: 'trustDomain: a\naccess: {namespaces: {payments: {default: Deny}}}',
    expected: [],
  },
  {
    what: 'a namespace of which nothing is said, and one that can be none',
    spec: 'trustDomain: a\naccess: {namespaces: {payments: {}, Edge: {default: Deny}, web: {default: deny}}}',
    expected: [
      'missing-field access.namespaces.payments.default',
      'invalid-key access.namespaces.Edge',
      'invalid-value access.namespaces.web.default',
    ],
  },
  {
    what: 'tracing: an endpoint is enough',
    spec: 'trustDomain: a\ntracing: {endpoint: "http://otel.example:4317"}',
    expected: [],
  },
  {
    what: 'access logs of some namespaces, workloads and one direction',
    spec: 'trustDomain: a\naccessLogs: [{to: Stdout, namespaces: [shop], notNamespaces: [back], workloadSelector: {app: web}, direction: Inbound}]',
    expected: [],
  },
  {
    what: 'access logs of namespaces and labels that can be none, and of no direction',
    spec: 'trustDomain: a\naccessLogs: [{to: Stdout, namespaces: [Shop], notNamespaces: [], workloadSelector: {"a b": web}, direction: Both}]',
    expected: [
      'invalid-key accessLogs[0].workloadSelector["a b"]',
      'invalid-value accessLogs[0].direction',
      'invalid-value accessLogs[0].namespaces[0]',
      'too-few accessLogs[0].notNamespaces',
    ],
  },
  { what: 'tracing: to the control plane itself', spec: 'trustDomain: a\ntracing: {}', expected: [] },
  {
    what: 'tracing: by Zipkin to nobody',
    spec: 'trustDomain: a\ntracing: {provider: Zipkin}',
    expected: ['missing-field tracing.endpoint'],
  },
  {
    what: 'tracing: endpoints that are none',
    spec: 'trustDomain: a\ntracing: {endpoint: "otel:4317", sampling: "101x"}',
    expected: ['invalid-value tracing.endpoint', 'invalid-value tracing.sampling'],
  },
  {
    what: 'tracing: a port that can be none, and a user',
    spec: 'trustDomain: a\ntracing: {endpoint: "http://a@otel:70000"}',
    expected: ['invalid-value tracing.endpoint'],
  },
  {
    what: 'tracing: a rule about nothing, a tail that keeps nothing',
    spec: 'trustDomain: a\ntracing: {endpoint: "http://[::1]", rules: [{sampling: "5"}], tail: {errors: false}}',
    expected: ['missing-field tracing.rules[0]', 'missing-field tracing.tail'],
  },
  {
    what: 'tracing: what Zipkin has no words for',
    spec: 'trustDomain: a\ntracing: {endpoint: "http://z:9411", provider: Zipkin, tail: {}, headers: [Jaeger], rules: [{pathPrefix: /, sampling: "5"}]}',
    expected: ['invalid-value tracing.rules', 'invalid-value tracing.tail', 'invalid-value tracing.headers'],
  },
  {
    what: 'federation: fetched, pasted, by an SVID of another trust domain of the list',
    spec: `trustDomain: a\nfederation: [{trustDomain: b, endpoint: {url: "https://b.example/x"}}, {trustDomain: c, bundle: '{"keys": []}'}, {trustDomain: d, endpoint: {url: "https://[::1]:8443", profile: HttpsSpiffe, spiffeId: "spiffe://c/spire/server"}}]`,
    expected: [],
  },
  {
    what: 'federation: nothing of a bundle, a URL that is none, an SVID that nothing verifies',
    spec: 'trustDomain: a\nfederation: [{trustDomain: b}, {trustDomain: c, endpoint: {url: "http://c/"}}, {trustDomain: d, endpoint: {url: "https://d/", profile: HttpsSpiffe, spiffeId: "spiffe://d/x"}}, {trustDomain: e, endpoint: {url: "https://u@e/"}}, {trustDomain: f, endpoint: {url: "https://f/", profile: HttpsSpiffe}}]',
    expected: [
      'missing-field federation[0]',
      'invalid-value federation[1].endpoint.url',
      'missing-field federation[2].bundle',
      'invalid-value federation[3].endpoint.url',
      'missing-field federation[4].endpoint.spiffeId',
    ],
  },
  {
    what: 'federation: a bundle that is none, one with a private key, words of the other profile',
    spec: `trustDomain: a\nfederation: [{trustDomain: b, bundle: "x"}, {trustDomain: c, bundle: '{"keys": [{"d": "x"}]}'}, {trustDomain: d, endpoint: {url: "https://d/", certificateAuthorities: x}}, {trustDomain: e, endpoint: {url: "https://e/", spiffeId: "spiffe://b/x"}}, {trustDomain: d, bundle: '{"keys": []}'}]`,
    expected: [
      'invalid-value federation[0].bundle',
      'invalid-value federation[1].bundle',
      'invalid-value federation[2].endpoint.certificateAuthorities',
      'invalid-value federation[3].endpoint.spiffeId',
      'duplicate-entry federation[4].trustDomain',
    ],
  },
  {
    what: 'defaults are a TrafficPolicy’s sections',
    spec: 'trustDomain: a\ndefaults: {retries: {conditions: [Always]}}',
    expected: ['invalid-value defaults.retries.conditions[0]'],
  },
]);

test('threads: the namespace before the mesh, gateways before workloads, else one', () => {
  const spec = (concurrency: MeshSpec['concurrency']): MeshSpec => ({ concurrency }) as MeshSpec;
  const asked = (of: MeshSpec): number[] =>
    [false, true].flatMap((gateway) =>
      ['shop', 'edge', 'constructor'].map((name) => defaultThreads(of, name, gateway)),
    );
  assert.deepEqual(asked(spec(undefined)), [1, 1, 1, 1, 1, 1]);
  assert.deepEqual(asked(spec({ workloads: 2, namespaces: {} })), [2, 2, 2, 2, 2, 2]);
  assert.deepEqual(
    asked(spec({ workloads: 2, gateways: 4, namespaces: { edge: { workloads: 3 } } })),
    [2, 3, 2, 4, 3, 4],
  );
  assert.deepEqual(asked(spec({ gateways: 4, namespaces: { edge: { gateways: 8 } } })), [1, 1, 1, 4, 8, 4]);
});
