/**
 * A root is replaced under load, on both engines: by `weft authority rotate` with overlap, then by a taint in a hurry. No request fails; what
 * peers show is under the new root afterwards, and the old one is trusted by nobody.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import tls from 'node:tls';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { Load } from '@weft/testkit/load';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');
/** Certificates that live for seconds, and connections that are made anew all the time. */
const OBJECTS = `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, certificates: { lifetime: 20s } }
---
${['weft', 'envoy']
  .map(
    (name) => `apiVersion: weft.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: hello-${name}, namespace: default }
spec: { targetRefs: [{ kind: Service, name: hello-${name} }], timeouts: { connection: 500ms } }`,
  )
  .join('\n---\n')}
`;

interface Shown {
  readonly authorities: readonly {
    readonly lagging: readonly string[];
    readonly roots: readonly { readonly sha256: string; readonly state: string }[];
  }[];
}

describe('a root is replaced under load', { skip: needs('envoy') }, () => {
  const mesh = new TestMesh();
  /** Calls to each server from each client. */
  const ways: { readonly name: string; readonly load: Load }[] = [];
  const inbound = new Map<string, number>();

  const roots = async (state: string): Promise<string | undefined> => {
    const { stdout } = await mesh.weft('authority', 'show', '-o', 'json');
    const { authorities } = JSON.parse(stdout) as Shown;
    return authorities[0]?.roots.find((root) => root.state === state)?.sha256;
  };

  /** SHA-256 of the root above the certificate that the sidecar of `server` shows. */
  const issuerOf = (port: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        const chain = socket.getPeerCertificate(true);
        socket.destroy();
        resolve(chain.issuerCertificate.fingerprint256);
      });
      socket.on('error', reject);
    });

  before(async () => {
    await mesh.up();
    await mesh.apply(OBJECTS);
    for (const engine of ['weft', 'envoy']) {
      const app = await freePort();
      const args = ['--name', `hello-${engine}`, '--engine', engine, '--port', `${app}/http`];
      mesh.run(...args, '--', '/usr/bin/env', `PORT=${app}`, `NAME=${engine}`, process.execPath, HELLO);
    }
    await mesh.synced(2);
    for (const engine of ['weft', 'envoy']) {
      const ports = [await freePort(), await freePort()];
      const upstreams = ['weft', 'envoy'].flatMap((to, index) => ['--upstream', `hello-${to}=${ports[index]}`]);
      mesh.run('--name', `client-${engine}`, '--engine', engine, ...upstreams);
      for (const [index, to] of ['weft', 'envoy'].entries()) {
        const port = ports[index] ?? 0;
        ways.push({ name: `${engine} to ${to}`, load: new Load(port, 50) });
      }
    }
    await mesh.synced(4);
    const { stdout } = await mesh.weft('get', 'workload', '-A', '-o', 'json');
    const { items } = JSON.parse(stdout) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly spec: { readonly ports?: readonly { readonly proxyPort?: number }[] };
      }[];
    };
    for (const { metadata, spec } of items)
      for (const { proxyPort } of spec.ports ?? []) if (proxyPort !== undefined) inbound.set(metadata.name, proxyPort);
    assert.equal(inbound.size, 2);
    for (const { load } of ways) {
      await load.more(20);
      load.failures.length = 0;
    }
  });
  after(async () => {
    await Promise.all(ways.map(({ load }) => load.stop()));
    await mesh[Symbol.asyncDispose]();
  });

  const nothingFailed = (): void => {
    for (const { name, load } of ways) assert.deepEqual(load.failures, [], `${name}\n${mesh.output()}`);
  };
  const issuers = async (): Promise<ReadonlySet<string>> =>
    new Set(await Promise.all([...inbound.values()].map(issuerOf)));

  test('rotate: every proxy trusts the new root before it signs; nothing fails on the way', async () => {
    const [old, before_] = [await roots('signing'), await issuers()];
    const outcome = await mesh.weft('authority', 'rotate');
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stdout, /signs nothing yet[^]*every proxy trusts it[^]*signs; the old one leaves at/);
    assert.equal(await roots('old'), old);
    assert.notEqual(await roots('signing'), old);
    // With a life of 20 s each has a new certificate soon, and the callers meet it on new connections.
    await until(async () => [...(await issuers())].every((one) => !before_.has(one)));
    for (const { load } of ways) await load.more(30);
    nothingFailed();
    const again = await mesh.weft('authority', 'rotate');
    assert.equal(again.code, 1);
    assert.match(again.stderr, /trusted until/);
  });

  test('taint: all are under a third root at once, and the second is trusted by nobody', async () => {
    const [tainted, before_] = [await roots('signing'), await issuers()];
    const outcome = await mesh.weft('authority', 'taint');
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stdout, /trusted by nobody any more, after \d+\.\d s/);
    const { stdout } = await mesh.weft('authority', 'show', '-o', 'json');
    const left = (JSON.parse(stdout) as Shown).authorities[0]?.roots ?? [];
    assert.deepEqual(
      left.map(({ state }) => state),
      ['signing'],
    );
    assert.notEqual(left[0]?.sha256, tainted);
    for (const one of await issuers()) assert.ok(!before_.has(one));
    for (const { load } of ways) await load.more(30);
    nothingFailed();
  });
});
