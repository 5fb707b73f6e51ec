/**
 * gRPC's interop suite (google.golang.org/grpc/interop, client and server in Go) through one engine by prior knowledge, and through two with
 * mTLS between them. The same on Envoy, and with one of each, so that neither end only understands itself.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { EngineName } from '@weft/testkit/cases';
import { type RunningEngine, startEngine } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import {
  hopBootstrap,
  INTEROP_CASES,
  INTEROP_TOOLS,
  type InteropServer,
  type MutualCertificates,
  mutualCertificates,
  runInteropCase,
  startInteropServer,
} from '@weft/testkit/grpc-interop';
import { TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { needs } from '@weft/testkit/tools';

/** In the order in which a call goes through them. */
const PATHS: readonly (readonly EngineName[])[] = [['weft'], ['envoy'], ['weft', 'weft'], ['weft', 'envoy', 'weft']];
/** Client processes at a time. */
const AT_ONCE = 3;

describe('gRPC interop', { skip: needs(...INTEROP_TOOLS, 'openssl') }, () => {
  const folder = temporaryFolder();
  let server: InteropServer | undefined;
  let certificates: MutualCertificates | undefined;
  before(async () => {
    certificates = mutualCertificates(folder.path);
    server = await startInteropServer();
  });
  after(async () => {
    await server?.stop();
    folder[Symbol.dispose]();
  });

  for (const engines of PATHS) {
    const skip = engines.includes('envoy') ? needs('envoy') : false;
    describe(`through ${engines.join(', then ')}`, { skip, concurrency: AT_ONCE }, () => {
      const running: RunningEngine[] = [];
      let port = 0;
      before(async () => {
        port = server?.port ?? 0;
        for (const [index, engine] of [...engines.entries()].reverse()) {
          const bootstrap = hopBootstrap({
            to: port,
            listenTls: index > 0 ? certificates : undefined,
            dialTls: index < engines.length - 1 ? certificates : undefined,
          });
          const name = `${engines.join('-')}-${index}`;
          const one = await startEngine({ engine, folder: folder.path, name, bootstrap });
          running.push(one);
          port = one.port('grpc');
        }
      });
      after(async () => {
        for (const one of running) assert.equal(one.process.exit, undefined);
        await Promise.all(running.map((one) => one.stop()));
      });
      for (const name of INTEROP_CASES) {
        test(name, { timeout: 40_000 }, async () => {
          assert.equal(await runInteropCase(port, name), undefined);
        });
      }
    });
  }

  /** As users run it: caller and server each behind `weft run`, with what the compiler writes. */
  for (const engines of [
    ['weft', 'weft'],
    ['weft', 'envoy'],
    ['envoy', 'weft'],
  ] as const)
    describe(`in a mesh, from ${engines.join(' to ')}`, {
      skip: engines.some((engine) => engine === 'envoy') && needs('envoy'),
      concurrency: AT_ONCE,
    }, () => {
      let mesh: TestMesh | undefined;
      let port = 0;
      before(async () => {
        mesh = new TestMesh();
        await mesh.up();
        const [called] = [server?.port ?? 0];
        port = await freePort();
        mesh.run('--name', 'interop', '--port', `grpc:${called}/grpc`, '--engine', engines[1]);
        mesh.run('--name', 'caller', '--upstream', `interop=${port}`, '--engine', engines[0]);
        await mesh.synced(2);
      });
      after(() => mesh?.[Symbol.asyncDispose]());
      for (const name of INTEROP_CASES) {
        test(name, { timeout: 40_000 }, async () => {
          assert.equal(await runInteropCase(port, name), undefined, mesh?.output());
        });
      }
    });
});
