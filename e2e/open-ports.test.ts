/** Agents see which services listen beside their proxies, and say when they do no more (WEFT0304). */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { FindingDocument } from '@weft/core/documents';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { until } from '@weft/testkit/wait';

const SWITCHED = path.join(import.meta.dirname, 'backends/switched.mjs');

test('a port open beside its proxy is found where it is, and taken back', {
  skip: process.platform !== 'linux',
}, async () => {
  await using mesh = new TestMesh();
  await mesh.up();
  const start = async (name: string, host: string) => {
    const [port, control] = [await freePort(), await freePort()];
    const env = ['/usr/bin/env', `PORT=${port}`, `CONTROL=${control}`, `NAME=${name}`, `HOST=${host}`];
    mesh.run('--name', name, '--port', `${port}/http`, '--', ...env, process.execPath, SWITCHED);
    const order = (word: string): Promise<unknown> => exchange({ port: control }, { path: `/${word}` });
    await until(() => order('open'), { what: `the service ${name}` });
    return { port, order };
  };
  const [open] = await Promise.all([start('open', '0.0.0.0'), start('kept', '127.0.0.1')]);
  await mesh.synced(2);
  const found = async (): Promise<readonly FindingDocument[]> => {
    const { stdout } = await mesh.weft('check', '-o', 'json');
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly FindingDocument[] };
    return findings.filter(({ code }) => code === 'open-beside-proxy');
  };
  const told = (count: number, what: string): Promise<unknown> =>
    until(async () => (await found()).length === count, { what });

  await told(1, 'the finding');
  const [finding] = await found();
  assert.match(finding?.place.object ?? '', /^Workload\/default\/open-/);
  const program = path.basename(process.execPath);
  assert.equal(
    finding?.message,
    `its service (${program}) listens on 0.0.0.0:${open.port}: whoever reaches that calls it without its proxy`,
  );
  const { stdout, code } = await mesh.weft('check');
  assert.match(stdout, /Workload\/default\/open-.*listen on 127\.0\.0\.1.*\[WEFT0304\]/);
  assert.equal(code, 0, 'a warning');

  await open.order('close');
  await told(0, 'the end of the finding');
  await open.order('open');
  await told(1, 'the finding of the port that opened again');
  const lenient = 'apiVersion: weft.dev/v1alpha1\nkind: Mesh\nmetadata: { name: default }\n';
  await mesh.apply(`${lenient}spec: { trustDomain: weft.local, mtls: { mode: Permissive } }`);
  assert.deepEqual(await found(), [], 'a mesh that answers anybody');
});
