/**
 * Runs the cases of every behaviour: `NAME/cases/*.yaml`. A document `case` says what it shows, for which engine, and which rows must come
 * out; the documents after it are the objects that go in, beside shop.yaml. `expect` lists parts of rows: a mapping is compared field by
 * field, a list whole.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { assemble, type Proxy } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import { proxyConfig, type ProxyConfig } from '@weft/core/proxy-config';
import { parse } from 'yaml';
import { compile } from '../incremental/index.ts';
import { BEHAVIOURS } from './index.ts';

interface Case {
  readonly case: string;
  readonly engine?: 'weft' | 'envoy' | 'grpc';
  readonly upstreams?: Readonly<Record<string, number>>;
  readonly httpProxyPort?: number;
  readonly workload?: string;
  readonly locality?: Proxy['locality'];
  readonly expect?: Readonly<Record<string, unknown>>;
  readonly findings?: readonly string[];
}

const folder = import.meta.dirname;
const shop = readFileSync(path.join(folder, 'shop.yaml'), 'utf8');
const files = globSync('*/cases/*.yaml', { cwd: folder }).sort();

for (const file of files) {
  const [head = '', ...documents] = readFileSync(path.join(folder, file), 'utf8').split(/^---$/m);
  const wanted = parse(head) as Case;
  test(`${file}: ${wanted.case}`, () => {
    const objects = objectsFrom([shop, ...documents].join('\n---\n'));
    const assembly = assemble(objects, new Map());
    const view = assembly.views.get('default');
    assert.ok(view !== undefined);
    const { config, diagnostics } = compile(view, proxyOf(wanted));
    assertConsistent(config);
    const rows = Object.fromEntries(Object.entries(config).map(([name, table]) => [name, Object.fromEntries(table)]));
    for (const [at, expected] of Object.entries(wanted.expect ?? {})) assertPart(rows[at], expected, at);
    assert.deepEqual(
      diagnostics
        .filter(({ severity }) => severity !== 'info')
        .map(({ message, place }) => `${place.object}#${place.path ?? ''}: ${message}`),
      wanted.findings ?? [],
    );
  });
}

test('every behaviour has a description and a case', () => {
  for (const { name } of BEHAVIOURS) {
    assert.ok(globSync(`${name}/cases/*.yaml`, { cwd: folder }).length > 0, `${name} has no case`);
    assert.ok(readFileSync(path.join(folder, name, 'README.md'), 'utf8').length > 0);
  }
});

function proxyOf({
  engine = 'weft',
  upstreams = { 'shop/orders': 9000 },
  httpProxyPort = 0,
  workload = 'shop/web-1',
  locality = { region: '', zone: '', subZone: '' },
}: Case): Proxy {
  return sidecarOf(workload, {
    role: engine === 'grpc' ? 'grpc' : 'sidecar',
    engine: { name: engine, version: '1', features: [] },
    httpProxyPort,
    locality,
    upstreams: Object.entries(upstreams).map(([service, localPort]) => ({ service, port: undefined, localPort })),
  });
}

function assertConsistent(config: ProxyConfig): void {
  const built = proxyConfig({
    listeners: [...config.listeners.values()],
    routes: [...config.routes.values()],
    clusters: [...config.clusters.values()],
    endpoints: [...config.endpoints.values()],
  });
  assert.ok(built.ok, JSON.stringify(built));
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function assertPart(actual: unknown, expected: unknown, at: string): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${at} is no list`);
    assert.equal(actual.length, expected.length, `${at}: ${JSON.stringify(actual)}`);
    for (const [index, item] of expected.entries()) assertPart(actual[index], item, `${at}[${index}]`);
  } else if (isMapping(expected)) {
    assert.ok(isMapping(actual), `${at} is no mapping: ${JSON.stringify(actual)}`);
    for (const [key, value] of Object.entries(expected)) assertPart(actual[key], value, `${at}.${key}`);
  } else assert.deepEqual(actual ?? null, expected, at);
}
