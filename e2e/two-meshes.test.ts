/**
 * Two meshes in one control plane, each with a trust domain and roots of its own: a service is seen and reached from the other mesh only where it
 * is exported, callers keep their own identity, and a team moves from one to the other service by service. On both engines.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { Load } from '@weft/testkit/load';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');
const MESHES = `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: next }
spec: { trustDomain: next.test }
---
apiVersion: v1
kind: Namespace
metadata: { name: legacy }
---
apiVersion: v1
kind: Namespace
metadata: { name: moved, labels: { weft.dev/mesh: next } }
`;
const ledger = (name: string, namespace: string, to: string | undefined): string => `
apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
  ${to === undefined ? '' : `annotations: { weft.dev/export-to: "${to}" }`}
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, appProtocol: http }] }
`;
const access = (name: string, rule: string): string => `
apiVersion: weft.dev/v1alpha1
kind: AccessPolicy
metadata: { name: guests, namespace: legacy }
spec: { targetRefs: [{ kind: Service, name: ${name} }], action: ALLOW, rules: [{ from: [${rule}] }] }
`;

for (const engine of ['weft', 'envoy'] as const) {
  const other = engine === 'weft' ? 'envoy' : 'weft';
  describe(`two meshes: ${engine} calls ${other}`, { skip: needs('envoy') }, () => {
    const mesh = new TestMesh();
    const serve = async (name: string, namespace: string, as = name): Promise<void> => {
      const app = await freePort();
      const args = ['--name', name, '--namespace', namespace, '--engine', other, '--port', `${app}/http`];
      mesh.run(...args, '--no-service', '--', '/usr/bin/env', `PORT=${app}`, `NAME=${as}`, process.execPath, HELLO);
    };
    let port = 0;
    const status = async (): Promise<number> => (await exchange({ port }).catch(() => ({ status: 0 }))).status;

    before(async () => {
      await mesh.up();
      await mesh.apply(`${MESHES}---${ledger('ledger', 'legacy', undefined)}`);
      await serve('ledger', 'legacy');
      port = await freePort();
      const upstream = `ledger.legacy=${port}`;
      mesh.run('--name', 'client', '--namespace', 'moved', '--engine', engine, '--upstream', upstream);
      await until(async () => (await mesh.status()).filter(({ connected }) => connected).length === 2, {});
    });
    after(() => mesh[Symbol.asyncDispose]());

    test('each has a root of its own; what is not exported is not seen', async () => {
      const { stdout } = await mesh.weft('authority', 'show', '-o', 'json');
      const { authorities } = JSON.parse(stdout) as {
        readonly authorities: readonly {
          readonly trustDomain: string;
          readonly roots: readonly { sha256: string }[];
        }[];
      };
      assert.deepEqual(authorities.map(({ trustDomain }) => trustDomain).sort(), ['next.test', 'weft.local']);
      assert.equal(new Set(authorities.flatMap(({ roots }) => roots.map(({ sha256 }) => sha256))).size, 2);
      assert.notEqual(await status(), 200);
    });

    test('exported: reached under the caller’s own identity; AccessPolicies hold by trust domain', async () => {
      await mesh.apply(ledger('ledger', 'legacy', 'next'));
      await until(async () => (await status()) === 200, { what: 'the first answer' }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${mesh.output()}`, { cause: error });
      });
      const { body } = await exchange({ port });
      assert.match(body.toString(), /spiffe:\/\/next\.test\/ns\/moved\/sa\/client/);
      await mesh.apply(access('ledger', '{ trustDomains: [weft.local] }'), '--wait');
      await until(async () => (await status()) !== 200, { what: 'the refusal' });
      await mesh.apply(
        access('ledger', '{ trustDomains: [next.test], namespaces: [moved], accounts: [client] }'),
        '--wait',
      );
      await until(async () => (await status()) === 200, { what: 'the answer' });
    });

    test('a root is rotated in one of them, and nothing fails between the two', async () => {
      const load = new Load(port, 50);
      await load.more(20);
      for (const name of ['next', 'default']) {
        const outcome = await mesh.weft('authority', 'rotate', '--mesh', name);
        assert.equal(outcome.code, 0, outcome.stderr);
      }
      await load.more(50);
      await load.stop();
      assert.deepEqual(load.failures, []);
    });

    test('a service moves: a route of the new mesh shifts its share, and nothing fails', async () => {
      await serve('ledger', 'moved', 'ledger-moved');
      const route = (old: number, fresh: number): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ledger, namespace: moved }
spec:
  parentRefs: [{ group: "", kind: Service, name: front }]
  rules:
    - backendRefs:
        - { name: ledger, namespace: legacy, port: 80, weight: ${old} }
        - { name: ledger, port: 80, weight: ${fresh} }
`;
      await mesh.apply(`${ledger('ledger', 'moved', undefined)}---${ledger('front', 'moved', undefined)}`);
      const front = await freePort();
      mesh.run('--name', 'mover', '--namespace', 'moved', '--engine', engine, '--upstream', `front=${front}`);
      await mesh.apply(access('ledger', '{ trustDomains: [next.test] }'));
      await mesh.apply(route(100, 0));
      await until(async () => (await exchange({ port: front }).catch(() => ({ status: 0 }))).status === 200, {
        what: 'the front',
      });
      const load = new Load(front, 100);
      for (const [old, fresh] of [
        [50, 50],
        [0, 100],
      ] as const) {
        await mesh.apply(route(old, fresh), '--wait');
        await until(
          async () => {
            load.names.clear();
            await load.more(40);
            const names = [...load.names.keys()].sort().join();
            return names === (old === 0 ? 'ledger-moved' : 'ledger,ledger-moved');
          },
          { what: `${old} to ${fresh}` },
        );
      }
      await load.stop();
      assert.deepEqual(load.failures, []);
    });

    test('no longer exported: not reached any more', async () => {
      await mesh.apply(ledger('ledger', 'legacy', undefined));
      await until(async () => (await status()) !== 200, { what: 'the end' });
      await mesh.apply(ledger('ledger', 'legacy', 'nowhere'));
      const { stdout, stderr } = await mesh.weft('check');
      assert.match(stdout + stderr, /there is no mesh nowhere/);
    });
  });
}
