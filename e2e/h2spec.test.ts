/**
 * h2spec, with its strict cases, against the running engine: HTTP/2 by prior knowledge with both codecs that take it, and by ALPN. A case may
 * fail only if it stands in CONTRADICTED, with the text of RFC 9113 that it contradicts.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { type RunningEngine, startEngine } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import { pairingBootstrap, pairingCertificates } from '@weft/testkit/pairing';
import { needs, toolPath } from '@weft/testkit/tools';

/** Listener -> h2spec's case -> why the RFC says otherwise. */
const CONTRADICTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'auto-h1': {
    'http2/3.5 Sends invalid connection preface':
      'RFC 9113, 3.4: "an invalid preface indicates that the peer is not using HTTP/2". A listener of both versions reads it as HTTP/1.1, answers 400 and closes; h2spec takes the answer for a broken frame.',
  },
};

interface Verdict {
  readonly total: number;
  readonly failed: readonly string[];
}

function h2spec(port: number, report: string, tls: boolean): Promise<Verdict> {
  const args = ['-S', '-h', '127.0.0.1', '-p', String(port), '-o', '2', '-j', report, ...(tls ? ['-t', '-k'] : [])];
  const child = spawn(toolPath('h2spec'), args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve(readReport(readFileSync(report, 'utf8'))));
  });
}

/** JUnit's form: one element a case, with `<failure>` or `<error>` inside when it did not pass. */
function readReport(xml: string): Verdict {
  const cases = [...xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)];
  const attribute = (text: string, name: string): string => new RegExp(`${name}="([^"]*)"`).exec(text)?.[1] ?? '';
  const failed = cases
    .filter(([, , inside]) => inside !== undefined && /<(?:failure|error)/.test(inside))
    .map(([, head = '']) => `${attribute(head, 'package')} ${attribute(head, 'classname')}`);
  return { total: cases.length, failed };
}

describe('h2spec', { skip: needs('h2spec', 'openssl') }, () => {
  const folder = temporaryFolder();
  const echo = new EchoServer('a');
  let engine: RunningEngine | undefined;
  before(async () => {
    const port = await echo.start();
    const certificates = pairingCertificates(folder.path);
    const bootstrap = pairingBootstrap({ backends: { h1: port, h2: port }, certificates });
    engine = await startEngine({ engine: 'weft', folder: folder.path, name: 'h2spec', bootstrap });
  });
  after(async () => {
    await engine?.stop();
    await echo.stop();
    folder[Symbol.dispose]();
  });

  for (const [listener, what] of [
    ['h2-h1', 'prior knowledge, HTTP/2 only'],
    ['auto-h1', 'prior knowledge, either version'],
    ['tls-h1', 'ALPN over TLS'],
  ] as const) {
    test(what, { timeout: 60_000 }, async () => {
      const port = engine?.port(listener) ?? 0;
      const { total, failed } = await h2spec(port, path.join(folder.path, `${listener}.xml`), listener === 'tls-h1');
      assert.ok(total >= 145, `${total} cases`);
      assert.deepEqual(failed, Object.keys(CONTRADICTED[listener] ?? {}));
      assert.equal(engine?.process.exit, undefined);
    });
  }
});
