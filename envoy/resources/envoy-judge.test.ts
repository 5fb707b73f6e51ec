// Real Envoy judges generated rows: each row of an arbitrary bootstrap must be valid for it too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Listener } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { envoyBootstrap } from '../bootstrap/write/index.ts';
import { ENVOY_PROFILE } from '../profile/index.ts';
import { toJson } from '../text/index.ts';
import { cluster, listener } from '../testing/rows/index.ts';
import { envoyRefuses, findEnvoy } from '../testing/real-envoy.ts';
import { encodeCluster, encodeListener } from './index.ts';

const envoy = findEnvoy();
/** Not auto_config beside an endpoint in plaintext: Envoy wants ALPN on every transport. Not internal addresses beside checks or a source address, at which Envoy 1.40 aborts. Not rows that name files, which are not there, nor static clusters with secrets by ADS: those make Envoy 1.40 itself crash at start. */
const fit = (row: unknown): boolean => {
  const text = JSON.stringify(row);
  return (
    !text.includes('/etc/weft/') &&
    !text.includes('"kind":"internal"') &&
    !/"plaintextByEndpoint":true.*"kind":"auto","enable/.test(text) &&
    !(text.includes('"connectTimeout"') && /"kind":"sds","name":"[^"]*"}/.test(text))
  );
};

/** A name and addresses of its own: Envoy refuses two listeners at one address. */
const apart = (row: Listener, index: number): Listener => ({
  ...row,
  name: `${row.name}-${index}`,
  address:
    row.address.kind === 'ip'
      ? { ...row.address, port: 20_000 + index }
      : { kind: 'pipe', path: `/run/l${index}`, mode: 0 },
  additionalAddresses: row.additionalAddresses.map(() => ({ kind: 'ip', ip: '127.0.0.2', port: 30_000 + index })),
});

function bootstrapOf(seed: number, count: number): string {
  const base = envoyBootstrap({
    node: { id: 'n', cluster: 'c', metadata: {}, locality: { region: '', zone: '', subZone: '' } },
    admin: undefined,
    agentSocket: '/tmp/agent.sock',
    delta: false,
    maxDownstreamConnections: 100,
  });
  const clusters = fc.sample(cluster.filter(fit), { seed, numRuns: count });
  const listeners = fc.sample(listener.filter(fit), { seed, numRuns: count });
  const message = {
    ...base,
    static_resources: {
      clusters: [
        ...(base.static_resources?.clusters ?? []),
        ...clusters.map((row, index) => encodeCluster({ ...row, name: `${row.name}-${index}` }, ENVOY_PROFILE).message),
      ],
      listeners: listeners.map((row, index) => encodeListener(apart(row, index), ENVOY_PROFILE).message),
    },
  };
  return JSON.stringify(toJson('envoy.config.bootstrap.v3.Bootstrap', message));
}

test('Envoy validates what is encoded for it', { skip: envoy === undefined ? 'no envoy binary' : false }, () => {
  for (const seed of [11, 12]) assert.equal(envoyRefuses(envoy ?? '', bootstrapOf(seed, 30)), undefined);
});
