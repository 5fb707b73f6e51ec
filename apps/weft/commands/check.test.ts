/** What `weft check` says of a proxy. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProxyDocument } from '@weft/core/documents';
import { proxyFindings } from './check.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const PROXY: ProxyDocument = {
  namespace: 'shop',
  name: 'orders-1',
  mesh: 'default',
  role: 'sidecar',
  engine: 'weft',
  engineVersion: '0.1.0',
  connected: true,
  state: 'synced',
  since: '',
  reasons: [],
  notes: [],
  certificateExpires: '2026-01-01T06:00:00Z',
  resources: {},
  hops: {},
};

const said = (changes: Partial<ProxyDocument>, lifetime?: string): string[] =>
  proxyFindings({ ...PROXY, ...changes }, lifetime, NOW).map(({ code, place }) => `${code} ${place.object}`);

test('a proxy that is there, holds its configuration and renewed its certificate is in order', () => {
  assert.deepEqual(said({}), []);
  assert.deepEqual(said({ certificateExpires: '' }), [], 'not issued here');
});

test('a proxy that is away, or behind, or whose certificate ends', () => {
  assert.deepEqual(said({ connected: false, state: 'disconnected' }), ['disconnected Workload/shop/orders-1']);
  assert.deepEqual(said({ state: 'stale' }), ['stale Workload/shop/orders-1']);
  assert.deepEqual(said({ certificateExpires: '2026-01-01T05:59:59Z' }), [
    'certificate-expires Workload/shop/orders-1',
  ]);
  assert.deepEqual(said({ certificateExpires: '2026-01-01T00:20:00Z' }, '1h'), [], 'a quarter of an hour is left');
});
