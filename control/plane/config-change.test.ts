import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Proxy } from '@weft/core/mesh-view';
import { admitObject, keyOf, type StoredObject } from '@weft/core/resources';
import { memoryStore } from '../store/memory/index.ts';
import { configChange } from './config-change.ts';

const made = (value: unknown): StoredObject => {
  const { object, diagnostics } = admitObject(value);
  if (object === undefined) throw new Error(JSON.stringify(diagnostics));
  return object;
};

const BASE = [
  { apiVersion: 'weft.dev/v1alpha1', kind: 'Mesh', metadata: { name: 'default' }, spec: { trustDomain: 'weft.local' } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'orders', namespace: 'shop' },
    spec: { selector: { app: 'orders' }, ports: [{ name: 'http', port: 8080, appProtocol: 'http' }] },
  },
  ...['orders', 'web'].map((name) => ({
    apiVersion: 'weft.dev/v1alpha1',
    kind: 'Workload',
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: {
      account: name,
      addresses: [{ ip: '10.0.0.1' }],
      ports: [{ name: 'http', port: 8080, protocol: 'http', proxyPort: 15_000 }],
    },
  })),
].map(made);

const proxy: Proxy = {
  id: 'shop/web',
  role: 'sidecar',
  engine: { name: 'weft', version: '0.1.0', features: [] },
  mesh: 'default',
  workloads: ['shop/web'],
  network: '',
  locality: { region: '', zone: '', subZone: '' },
  upstreams: [{ service: 'shop/orders', port: 8080, localPort: 9001 }],
  httpProxyPort: 0,
  gateway: '',
};

test('a change is told by the rows that it made, changed and took; one of somebody else by none', async () => {
  const store = memoryStore();
  await store.start();
  const write = async (object: StoredObject, gone = false): Promise<number> => {
    const written = await store.write('test', [{ key: keyOf(object), object: gone ? undefined : object }]);
    assert.ok(written.ok);
    return store.revision();
  };
  for (const object of BASE) await write(object);
  const fault = made({
    apiVersion: 'weft.dev/v1alpha1',
    kind: 'Fault',
    metadata: { name: 'broken', namespace: 'shop' },
    spec: {
      targetRefs: [{ group: '', kind: 'Service', name: 'orders' }],
      faults: [{ abort: { httpStatus: 418, percent: 50 } }],
    },
  });
  const came = await write(fault);
  const other = await write(made({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } }));
  const went = await write(fault, true);
  const parts = { store, liveness: new Map(), filled: (object: StoredObject) => object };
  const rows = async (revision: number) => {
    const found = await configChange(parts, proxy, revision);
    assert.ok(found.ok, JSON.stringify(found));
    return found.value;
  };
  const begun = await rows(came);
  assert.ok(begun.length > 0);
  assert.ok(begun.some(({ after }) => JSON.stringify(after).includes('418')));
  assert.ok(begun.every(({ before }) => !JSON.stringify(before ?? null).includes('418')));
  assert.deepEqual(await rows(other), []);
  const ended = await rows(went);
  assert.deepEqual(
    ended.map(({ before, after, ...row }) => ({ ...row, before: after, after: before })),
    begun.map(({ table, name, before, after }) => ({ table, name, before, after })),
  );
  for (const revision of [0, went + 1]) assert.equal((await configChange(parts, proxy, revision)).ok, false);
});
