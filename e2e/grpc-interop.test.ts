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
});
