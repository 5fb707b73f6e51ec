import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import tls, { type TLSSocket } from 'node:tls';
import { Authority } from '@weft/control/authority';
import { ControlServer, type Peer } from '@weft/control/server';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { callerCertificate } from './caller-certificate.ts';

const ID = 'spiffe://weft.local/ns/shop/sa/orders';

/** What Node loses is what it takes out of the chain: the intermediate, which is in no store of the server's, is then not to be found any more. */
test('a caller is known by its certificate, and the chain stays as it came', async () => {
  using folder = temporaryFolder();
  const authority = new Authority({ folder: folder.path, clock: { now: () => Date.now() } });
  authority.start();
  const seen: { readonly peer: Peer; readonly issuer: string }[] = [];
  const server = new ControlServer({
    tls: { ...authority.issueServerIdentity([]), roots: authority.roots() },
    grpcMethods: [],
    restHandler: (socket, peer) => {
      const leaf = (socket as TLSSocket).getPeerCertificate(true);
      seen.push({ peer, issuer: leaf.issuerCertificate?.fingerprint256 ?? '' });
      socket.destroy();
    },
    listen: { host: '127.0.0.1', port: 0 },
    certificateOf: callerCertificate,
  });
  await server.start();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const { certificateChain: cert } = authority.issueSvid(spki, ID, 'a'.repeat(32));
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  // Node's own call comes before ours on the first connection of a process.
  for (const turn of [0, 1, 2]) {
    const socket = tls.connect({ port: server.port ?? 0, host: '127.0.0.1', rejectUnauthorized: false, key, cert });
    socket.on('error', () => {});
    await until(() => seen.length > turn);
    socket.destroy();
  }
  await server.stop(0);
  assert.deepEqual(
    seen.map(({ peer }) => peer.kind === 'tls' && peer.identity?.spiffeId),
    [ID, ID, ID],
  );
  assert.notEqual(seen[1]?.issuer, '');
  assert.equal(seen[2]?.issuer, seen[1]?.issuer);
});
