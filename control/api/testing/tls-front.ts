/** For tests: the API behind TLS with a certificate of a real authority, as the control plane's front serves it. kubectl sends no token without TLS. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { TestContext } from 'node:test';
import { Authority } from '../../authority/index.ts';
import type { ApiServer } from '../server.ts';

export interface TlsFront {
  readonly url: string;
  readonly roots: string;
  /** PEM of the roots, for `kubectl --certificate-authority`. */
  readonly rootsFile: string;
}

export async function serveTls(t: TestContext, server: ApiServer, folder: string): Promise<TlsFront> {
  const authority = new Authority({ folder: path.join(folder, 'authority'), clock: { now: () => Date.now() } });
  authority.start();
  const { certificateChain, privateKey } = authority.issueServerIdentity(['127.0.0.1', 'localhost']);
  const front = tls.createServer({ cert: certificateChain, key: privateKey, ALPNProtocols: ['http/1.1'] }, (socket) =>
    server.accept(socket, { via: 'tcp' }),
  );
  front.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  t.after(() => void front.close());
  const rootsFile = path.join(folder, 'roots.pem');
  writeFileSync(rootsFile, authority.roots());
  const { port } = front.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, roots: authority.roots(), rootsFile };
}
