import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredObject } from '@weft/core/resources';
import { scrapeTargets } from './scrape-targets.ts';

const workload = (name: string, address: string, metrics?: { ip: string; port: number }): StoredObject =>
  ({
    kind: 'Workload',
    metadata: { name, namespace: 'shop', labels: { app: 'orders', version: 'v1' }, annotations: {} },
    spec: {
      addresses: [{ ip: address, network: '' }],
      ports: [],
      account: 'orders',
      locality: { region: '', zone: 'a', subZone: '' },
      ...(metrics === undefined ? {} : { metrics }),
    },
  }) as unknown as StoredObject;

const addresses = (...objects: readonly StoredObject[]): string[] =>
  scrapeTargets(objects, () => 'default').map(({ targets: [address] }) => address);

test('metrics on all addresses are read at the first of them, others where they are', () => {
  assert.deepEqual(addresses(workload('a', '10.0.0.7', { ip: '0.0.0.0', port: 1 })), ['10.0.0.7:1']);
  assert.deepEqual(addresses(workload('a', 'fd00::7', { ip: '::', port: 1 })), ['[fd00::7]:1']);
  assert.deepEqual(addresses(workload('a', '10.0.0.7', { ip: '10.9.0.7', port: 2 })), ['10.9.0.7:2']);
});

test('metrics on loopback are a target where the workload itself is on loopback, and nowhere else', () => {
  assert.deepEqual(addresses(workload('a', '127.0.0.1', { ip: '127.0.0.1', port: 3 })), ['127.0.0.1:3']);
  assert.deepEqual(addresses(workload('a', '10.0.0.7', { ip: '127.0.0.1', port: 3 })), []);
  assert.deepEqual(addresses(workload('a', '10.0.0.7')), []);
});

test('labels are for relabelling alone', () => {
  const [target] = scrapeTargets([workload('orders-x', '10.0.0.7', { ip: '::', port: 1 })], () => 'east');
  assert.deepEqual(target?.labels, {
    __meta_weft_namespace: 'shop',
    __meta_weft_workload: 'orders-x',
    __meta_weft_app: 'orders',
    __meta_weft_version: 'v1',
    __meta_weft_account: 'orders',
    __meta_weft_mesh: 'east',
    __meta_weft_zone: 'a',
  });
});
