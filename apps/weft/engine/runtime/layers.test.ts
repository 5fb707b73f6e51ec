// Layers of the runtime: what counts, files behind a link that is swapped, what the admin page and RTDS say.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { RuntimeLayer, RuntimeValues } from '@weft/core/proxy-config';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { RuntimeLayers } from './layers.ts';

function keys(folder: string, said: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(said)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
}

test('later layers win; files are keys by their path, and a swapped link brings others', async () => {
  using folder = temporaryFolder();
  const link = path.join(folder.path, 'current');
  keys(path.join(folder.path, 'v1/own/here'), { 'a/b': '5\n', 'a/text': '# a remark\nmany\n', flag: 'true' });
  keys(path.join(folder.path, 'v2/own/here'), { 'a/b': '6' });
  symlinkSync(path.join(folder.path, 'v1'), link);
  const layers: RuntimeLayer[] = [
    {
      name: 'static',
      kind: 'static',
      values: new Map<string, number>([
        ['a.b', 1],
        ['only', 2],
      ]),
    },
    { name: 'disk', kind: 'disk', symlinkRoot: link, subdirectory: 'own', appendServiceCluster: true },
    { name: 'remote', kind: 'rtds', resource: 'r' },
    { name: 'admin', kind: 'admin' },
  ];
  const seen: RuntimeValues[] = [];
  const runtime = new RuntimeLayers({
    layers,
    serviceCluster: 'here',
    onChange: (values) => void seen.push(values),
    onFault: (message) => assert.fail(message),
  });
  try {
    const started = new Map<string, unknown>([
      ['a.b', 5],
      ['a.text', 'many'],
      ['flag', true],
      ['only', 2],
    ]);
    assert.deepEqual(runtime.values, started);
    assert.deepEqual(runtime.layers, ['static', 'disk', 'remote', 'admin']);
    assert.deepEqual(runtime.entries()[0], { key: 'a.b', values: ['1', '5', '', ''], final: '5' });
    runtime.took('r', new Map([['a.b', 7]]));
    assert.equal(runtime.values.get('a.b'), 7);
    assert.equal(await runtime.modify([['a.b', '8']]), undefined);
    assert.equal(seen.at(-1)?.get('a.b'), 8);
    await runtime.modify([['a.b', '']]);
    runtime.took('r', undefined);
    assert.equal(runtime.values.get('a.b'), 5);
    symlinkSync(path.join(folder.path, 'v2'), `${link}.new`);
    renameSync(`${link}.new`, link);
    await until(() => runtime.values.get('a.b') === 6, { what: 'the other files' });
    assert.equal(runtime.values.get('a.text'), undefined);
  } finally {
    runtime.stop();
  }
});

test('without an admin layer nothing can be modified', async () => {
  const runtime = new RuntimeLayers({
    layers: [],
    serviceCluster: '',
    onChange: () => undefined,
    onFault: assert.fail,
  });
  assert.equal(await runtime.modify([['a', '1']]), 'No admin layer specified');
});
