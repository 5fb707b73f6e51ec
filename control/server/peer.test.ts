import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { Authority } from '../authority/index.ts';
import { type AltName, certificatePem, distinguishedName, leafCertificate } from '../authority/certificate.ts';
import { SigningKey } from '../authority/signing-key.ts';
import { testKey } from '../authority/testing/index.ts';
import { ControlServer, type Peer } from './index.ts';

const ID = 'spiffe://weft.local/ns/shop/sa/orders';
const REGISTRATION = 'a'.repeat(32);

/** A server that tells its peers, and its authority's own intermediate to sign what the authority never would. */
async function setUp(context: TestContext) {
  const folder = temporaryFolder();
  const authority = new Authority({ folder: folder.path, clock: { now: () => Date.now() } });
  authority.start();
  const { certificateChain, privateKey } = authority.issueServerIdentity([]);
  const peers: Peer[] = [];
  const server = new ControlServer({
    tls: { certificateChain, privateKey, roots: authority.roots() },
    grpcMethods: [],
    restHandler: (socket, peer) => {
      peers.push(peer);
      socket.destroy();
    },
    listen: { host: '127.0.0.1', port: 0 },
  });
  await server.start();
  context.after(async () => {
    await server.stop(0);
    folder[Symbol.dispose]();
  });
  const stored: unknown = JSON.parse(readFileSync(path.join(folder.path, 'authority.json'), 'utf8'));
  const { intermediate } = stored as { intermediate: { certificate: string; key: string } };
  const issuer = new SigningKey(intermediate);
  const made = (altNames: readonly AltName[], more: { name?: Uint8Array; from?: number; client?: boolean } = {}) => {
    const key = testKey();
    const now = Date.now() + (more.from ?? -1000);
    const leaf = leafCertificate({
      name: more.name ?? distinguishedName('serialNumber', REGISTRATION),
      spki: Buffer.from(key.publicKey, 'base64'),
      validity: { notBefore: now, notAfter: now + 60_000 },
      issuer,
      altNames,
      client: more.client ?? true,
    });
    return { key: key.pem, cert: certificatePem(leaf) + issuer.pem };
  };
  const judged = async (credential: { readonly key: string; readonly cert: string }): Promise<string> => {
    const seen = peers.length;
    const socket = tls.connect({ port: server.port ?? 0, host: '127.0.0.1', rejectUnauthorized: false, ...credential });
    socket.on('error', () => {});
    const peer = await until(() => peers[seen]);
    socket.destroy();
    return peer.kind === 'tls' ? (peer.identity?.spiffeId ?? peer.refusal) : peer.kind;
  };
  return { made, judged, issuer: intermediate };
}

test('a client certificate counts only with exactly one workload name, in time, for clients, of a leaf', async (context) => {
  const { made, judged, issuer } = await setUp(context);
  const uri = (text: string): AltName => ({ kind: 'uri', text });
  const cases: readonly [string, { readonly key: string; readonly cert: string }, RegExp][] = [
    ['good', made([uri(ID)]), new RegExp(`^${ID}$`)],
    ['two names', made([uri(ID), uri('spiffe://weft.local/ns/shop/sa/admin')]), /exactly one/],
    ['a DNS name beside it', made([uri(ID), { kind: 'dns', text: 'bank' }]), /exactly one/],
    ['a DNS name alone', made([{ kind: 'dns', text: ID }]), /exactly one/],
    ['a name with a comma', made([uri(`${ID}, URI:spiffe://weft.local/ns/shop/sa/admin`)]), /exactly one/],
    ['an escaped name', made([uri('spiffe://weft.local/ns/shop/sa/%6frders')]), /path segment/],
    ['NUL in the name', made([uri(`${ID}\0.bank`)]), /./],
    ['upper case', made([uri('spiffe://WEFT.local/ns/shop/sa/orders')]), /trust domain/],
    ['no registration', made([uri(ID)], { name: distinguishedName('commonName', REGISTRATION) }), /registration/],
    ['not yet valid', made([uri(ID)], { from: 30_000 }), /CERT_NOT_YET_VALID/],
    ['expired', made([uri(ID)], { from: -120_000 }), /CERT_HAS_EXPIRED/],
    ['for servers only', made([uri(ID)], { client: false }), /INVALID_PURPOSE/],
    ['the authority itself', { key: issuer.key, cert: issuer.certificate }, /INVALID_PURPOSE/],
  ];
  for (const [what, credential, expected] of cases) {
    const verdict = await judged(credential);
    assert.match(verdict, expected, what);
    if (what !== 'good') assert.notEqual(verdict, ID, what);
  }
});

test('a root speaks for its own trust domain only, whatever name the client calls', async (context) => {
  using folder = temporaryFolder();
  const domains = ['own.test', 'other.test'];
  const authorities = domains.map((name) => {
    const one = new Authority({ folder: path.join(folder.path, name), clock: { now: () => Date.now() } });
    one.start();
    return { name, one };
  });
  const peers: Peer[] = [];
  const [own] = authorities;
  assert.ok(own);
  const server = new ControlServer({
    tls: {
      ...own.one.issueServerIdentity([]),
      roots: own.one.roots(),
      trustDomain: own.name,
      domains: new Map(authorities.map(({ name, one }) => [`at.${name}`, { trustDomain: name, roots: one.roots() }])),
    },
    grpcMethods: [],
    restHandler: (socket, peer) => {
      peers.push(peer);
      socket.destroy();
    },
    listen: { host: '127.0.0.1', port: 0 },
  });
  await server.start();
  context.after(() => server.stop(0));
  for (const { name, one } of authorities)
    for (const domain of domains)
      for (const called of domains) {
        const key = testKey();
        const spki = Buffer.from(key.publicKey, 'base64');
        const id = `spiffe://${domain}/ns/shop/sa/orders`;
        const cert = one.issueSvid(spki, id, REGISTRATION).certificateChain;
        const seen = peers.length;
        const target = { port: server.port ?? 0, host: '127.0.0.1', rejectUnauthorized: false };
        const socket = tls.connect({ ...target, servername: `at.${called}`, key: key.pem, cert });
        socket.on('error', () => {});
        const peer = await until(() => peers[seen]);
        socket.destroy();
        assert.ok(peer.kind === 'tls');
        const good = name === domain && called === domain;
        assert.equal(peer.identity?.spiffeId, good ? id : undefined, `${name} for ${domain} at ${called}`);
        if (!good) assert.match(peer.refusal, called === name ? /another trust domain/ : /UNABLE_TO/);
      }
});
