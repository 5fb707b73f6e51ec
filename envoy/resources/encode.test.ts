import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ENVOY_PROFILE, GRPC_PROFILE, WEFT_PROFILE } from '../profile/index.ts';
import { cluster, listener } from '../testing/rows/index.ts';
import { writeCluster, writeListener, readSecret, writeSecret } from './index.ts';

const row = fc.sample(cluster, { seed: 3, numRuns: 1 })[0];
assert.ok(row);

test('what Envoy would refuse is said when it is encoded', () => {
  const { diagnostics } = writeCluster(
    { ...row, connectTimeout: 0, name: '', loadBalancing: { kind: 'random' } },
    ENVOY_PROFILE,
  );
  assert.deepEqual(diagnostics.map((each) => `${each.code} ${each.place.path}`).toSorted(), [
    'constraint clusters[].connect_timeout',
    'constraint clusters[].name',
  ]);
});

test('what a gRPC client cannot be told is named by field, with errors where leaving it out would not be safe', () => {
  const { diagnostics } = writeCluster(
    {
      ...row,
      name: 'orders',
      discovery: { kind: 'original-dst' },
      loadBalancing: { kind: 'random' },
      plaintextByEndpoint: true,
      subsets: {
        fallback: 'no-fallback',
        defaultSubset: [],
        selectors: [{ keys: ['v'], fallback: { kind: 'cluster' } }],
      },
      healthChecks: [],
      outlierDetection: undefined,
      transport: {
        kind: 'tls',
        certificates: [],
        validation: undefined,
        sni: '',
        sniFromEndpoint: false,
        sanFromSni: false,
        alpnProtocols: [],
        parameters: { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] },
      },
    },
    GRPC_PROFILE,
  );
  assert.deepEqual(
    diagnostics.map((each) => `${each.severity} ${each.place.path}`),
    [
      'warning clusters[orders].plaintextByEndpoint',
      'error clusters[orders].subsets',
      'error clusters[orders].discovery',
      'warning clusters[orders].loadBalancing',
      'error clusters[orders].transport.validation',
    ],
  );
});

test('a policy name that reads as one with a source is refused', () => {
  const [made] = fc.sample(listener, { seed: 5, numRuns: 1 });
  const chain = made?.filterChains[0];
  assert.ok(made && chain);
  const rules = {
    action: 'ALLOW',
    policies: [{ name: 'a [b]', permissions: [{ kind: 'any' }], principals: [{ kind: 'any' }], source: undefined }],
  } as const;
  const written = writeListener(
    {
      ...made,
      name: 'l',
      filterChains: [{ ...chain, networkFilters: [{ kind: 'rbac', statPrefix: 'r', rules, shadowRules: undefined }] }],
    },
    WEFT_PROFILE,
  );
  assert.deepEqual(
    written.diagnostics.filter((each) => each.severity === 'error').map((each) => each.place.path),
    ['listeners[l].filterChains[0].networkFilters[0].rules.policies'],
  );
});

test('secrets survive the way to bytes and back', () => {
  const bundle = { kind: 'trust-bundle', bundle: { name: 'mesh', roots: '-----BEGIN CERTIFICATE-----\n' } } as const;
  assert.deepEqual(readSecret(writeSecret(bundle)), { ok: true, value: bundle });
  const own = { kind: 'certificate', name: 'default', certificateChain: 'chain', privateKey: 'key' } as const;
  assert.deepEqual(readSecret(writeSecret(own)), { ok: true, value: own });
  assert.ok(!readSecret(Uint8Array.of(0x2a, 0x00)).ok);
});
