import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { CLUSTER_TYPE, ENDPOINT_TYPE } from '@weft/envoy/discovery';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import fc from 'fast-check';
import { AgentFolder } from '../folder/index.ts';
import { AdsCache } from './cache.ts';
import { resourceName } from './resource-name.ts';

const fail = (error: unknown): never => assert.fail(String(error));
const resources = (...names: readonly string[]): Map<string, Uint8Array> =>
  new Map(names.map((name) => [name, Buffer.from(`r ${name}`)]));
const names = (cache: AdsCache, type: string): string[] => [...(cache.get('a weft', type)?.resources.keys() ?? [])];

test('written together a moment later, mode 0600, read by the next agent', () => {
  using temporary = temporaryFolder();
  const folder = new AgentFolder(temporary.path);
  const clock = new FakeClock();
  const cache = new AdsCache(folder, clock, fail);
  cache.accept('a weft', CLUSTER_TYPE, 'v1', resources('x', 'y'), []);
  cache.accept('a weft', ENDPOINT_TYPE, 'e1', resources('x', 'y'), ['x', 'y']);
  assert.equal(existsSync(folder.file('last-good.json')), false);
  clock.advance(200);
  assert.equal(statSync(folder.file('last-good.json')).mode & 0o777, 0o600);
  const next = new AdsCache(folder, clock, fail);
  assert.deepEqual([names(next, CLUSTER_TYPE), next.get('a weft', CLUSTER_TYPE)?.version], [['x', 'y'], 'v1']);
  assert.deepEqual(Buffer.from(next.get('a weft', ENDPOINT_TYPE)?.resources.get('x') ?? []).toString(), 'r x');
});

test('clusters are replaced as a whole, endpoints are added to those still asked for', () => {
  using temporary = temporaryFolder();
  const cache = new AdsCache(new AgentFolder(temporary.path), new FakeClock(), fail);
  cache.accept('a weft', CLUSTER_TYPE, 'v1', resources('x', 'y'), []);
  cache.accept('a weft', CLUSTER_TYPE, 'v2', resources('y'), []);
  assert.deepEqual(names(cache, CLUSTER_TYPE), ['y']);
  cache.accept('a weft', ENDPOINT_TYPE, 'e1', resources('x', 'y'), ['x', 'y']);
  cache.accept('a weft', ENDPOINT_TYPE, 'e2', resources('z'), ['y', 'z']);
  assert.deepEqual(names(cache, ENDPOINT_TYPE), ['y', 'z']);
});

test('a damaged file counts as none; the number of clients is bounded', () => {
  using temporary = temporaryFolder();
  const folder = new AgentFolder(temporary.path);
  for (const text of ['', '[]', '{"format":2}', '{"format":1,"clients":[["a",[[1]]]]}', 'null']) {
    writeFileSync(folder.file('last-good.json'), text);
    assert.equal(new AdsCache(folder, new FakeClock(), fail).get('a weft', CLUSTER_TYPE), undefined);
  }
  const cache = new AdsCache(folder, new FakeClock(), fail);
  for (const client of ['1', '2', '3', '4', '5']) cache.accept(client, CLUSTER_TYPE, 'v', resources('x'), []);
  assert.deepEqual(
    ['1', '2', '5'].map((client) => cache.get(client, CLUSTER_TYPE) === undefined),
    [true, false, false],
  );
});

test('a resource’s name is found wherever it stands; any bytes are answered', () => {
  const name = Buffer.concat([Uint8Array.of(0x0a, 1), Buffer.from('n')]);
  const other = Uint8Array.of(0x10, 0x96, 0x01, 0x1d, 1, 2, 3, 4, 0x22, 1, 0);
  assert.equal(resourceName(Buffer.concat([other, name])), 'n');
  assert.equal(resourceName(other), undefined);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void resourceName(bytes)));
});
