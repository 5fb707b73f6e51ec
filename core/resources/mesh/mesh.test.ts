import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSpecs } from '../testing/cases.ts';
import { defaultThreads, MESH, type MeshSpec } from './index.ts';

testSpecs(MESH, [
  { what: 'a trust domain is enough', spec: 'trustDomain: shop.example', expected: [] },
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
    what: 'tracing: an endpoint is enough',
    spec: 'trustDomain: a\ntracing: {endpoint: "http://otel.example:4317"}',
    expected: [],
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
