import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import tls, { type TLSSocket } from 'node:tls';
import { MEMBER, OpensslAuthority } from '@weft/testkit/attacks';
import { temporaryFolder } from '@weft/testkit/folder';
import { needs } from '@weft/testkit/tools';
import { presentedBy } from './peer-certificate.ts';

/** What Node loses is what it takes out of the chain: an issuer that is in no store is then not to be found any more. */
test('asking for the leaf leaves the chain as it came, on either side', { skip: needs('openssl') }, async () => {
  using folder = temporaryFolder();
  const authority = new OpensslAuthority(folder.path);
  const root = authority.issue('root').cert;
  const between = authority.issue('between', ...authority.signedBy('root')).cert;
  const leaf = authority.leaf('leaf', MEMBER, 'between');
  const own = { key: leaf.key, cert: Buffer.concat([leaf.cert, between]), ca: root };
  const server = tls.createServer({ ...own, requestCert: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const judged = (socket: TLSSocket): string => {
    const presented = presentedBy(socket);
    assert.equal(presented?.subjectAltName, MEMBER);
    assert.equal(presented?.ca, false);
    assert.match(presented?.x509().subject ?? '', /CN=leaf/);
    return socket.getPeerCertificate(true).issuerCertificate?.subject?.CN as string;
  };
  // Node's own call comes before ours on the first connection of a process.
  const seen: string[] = [];
  for (const turn of [0, 1]) {
    const accepted = once(server, 'secureConnection');
    const client = tls.connect({ port, host: '127.0.0.1', ...own, checkServerIdentity: () => undefined });
    await once(client, 'secureConnect');
    const [socket] = (await accepted) as [TLSSocket];
    const here = judged(socket);
    if (turn === 1) seen.push(here, judged(client));
    client.destroy();
    socket.destroy();
  }
  server.close();
  assert.deepEqual(seen, ['between', 'between']);
});

test('no certificate, none presented', async () => {
  const server = tls.createServer({
    requestCert: true,
    rejectUnauthorized: false,
    ciphers: 'aNULL:@SECLEVEL=0',
    maxVersion: 'TLSv1.2',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'secureConnection');
  const { port } = server.address() as AddressInfo;
  const client = tls.connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ciphers: 'aNULL:@SECLEVEL=0',
    maxVersion: 'TLSv1.2',
  });
  const [socket] = (await accepted) as [TLSSocket];
  assert.equal(presentedBy(socket), undefined);
  client.destroy();
  socket.destroy();
  server.close();
});
