/** One port goes from permissive to strict and back while it is called, on both engines: no call of the mesh fails, and plaintext is let in just as long. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exchange } from '@weft/testkit/http-client';
import { Load } from '@weft/testkit/load';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');
const ENGINES = ['weft', 'envoy'] as const;

/** About the ports that are called; connections are made anew all the time. */
const objects = (mode: 'Permissive' | 'Strict'): string =>
  ENGINES.map(
    (name) => `apiVersion: weft.dev/v1alpha1
kind: Authentication
metadata: { name: hello-${name}, namespace: default }
spec: { targetRefs: [{ kind: Service, name: hello-${name}, sectionName: http }], mtls: { mode: ${mode} } }
---
apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: hello-${name}, namespace: default }
spec: { targetRefs: [{ kind: Service, name: hello-${name} }], timeouts: { connection: 500ms } }`,
  ).join('\n---\n');

describe('a port between permissive and strict under load', { skip: needs('envoy') }, () => {
  const mesh = new TestMesh();
  const ways: { readonly name: string; readonly load: Load }[] = [];
  /** Ports that the sidecars of the servers accept on. */
  const inbound: number[] = [];

  before(async () => {
    await mesh.up();
    await mesh.apply(objects('Strict'));
    for (const engine of ENGINES) {
      const app = await freePort();
      const args = ['--name', `hello-${engine}`, '--engine', engine, '--port', `http:${app}/http`];
      mesh.run(...args, '--', '/usr/bin/env', `PORT=${app}`, `NAME=${engine}`, process.execPath, HELLO);
    }
    await mesh.synced(2);
    for (const engine of ENGINES) {
      const ports = [await freePort(), await freePort()];
      const upstreams = ENGINES.flatMap((to, index) => ['--upstream', `hello-${to}=${ports[index]}`]);
      mesh.run('--name', `client-${engine}`, '--engine', engine, ...upstreams);
      for (const [index, to] of ENGINES.entries())
        ways.push({ name: `${engine} to ${to}`, load: new Load(ports[index] ?? 0, 50) });
    }
    await mesh.synced(4);
    const { stdout } = await mesh.weft('get', 'workload', '-A', '-o', 'json');
    const { items } = JSON.parse(stdout) as {
      readonly items: readonly { readonly spec: { readonly ports?: readonly { readonly proxyPort?: number }[] } }[];
    };
    inbound.push(...items.flatMap(({ spec: { ports = [] } }) => ports.flatMap(({ proxyPort }) => proxyPort ?? [])));
    assert.equal(inbound.length, 2);
    for (const { name, load } of ways) {
      const before_ = load.ok;
      await until(() => load.ok >= before_ + 20, { what: `answers ${name}` });
    }
    for (const { load } of ways) load.failures.length = 0;
  });
  after(async () => {
    await Promise.all(ways.map(({ load }) => load.stop()));
    await mesh[Symbol.asyncDispose]();
  });

  const takesPlaintext = (port: number): Promise<boolean> =>
    exchange({ port }).then(
      ({ status }) => status === 200,
      () => false,
    );

  test('Strict, Permissive, Strict: plaintext is let in between, and nothing fails', async () => {
    for (const port of inbound) assert.equal(await takesPlaintext(port), false);
    for (const [mode, open] of [
      ['Permissive', true],
      ['Strict', false],
    ] as const) {
      await mesh.apply(objects(mode));
      for (const port of inbound)
        await until(async () => (await takesPlaintext(port)) === open, { what: `${mode} at ${port}` });
      await Promise.all(ways.map(({ load }) => load.more(100)));
      for (const { name, load } of ways) assert.deepEqual(load.failures, [], `${mode}, ${name}\n${mesh.output()}`);
    }
  });
});
