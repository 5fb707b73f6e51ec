import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import { needs } from '@weft/testkit/tools';
import { Authority } from './authority.ts';
import { readCsr } from './csr.ts';
import { AuthorityFileError } from './errors.ts';
import { opensslCsr, testKey } from './testing/index.ts';

const DAY = 86_400_000;
const ID = 'spiffe://weft.local/ns/shop/sa/orders';
const REGISTRATION = '0123456789abcdef0123456789abcdef';

function started(folder: string, clock = new FakeClock()): Authority {
  const authority = new Authority({ folder: path.join(folder, 'authority'), clock: clock.wall });
  authority.start();
  return authority;
}

const spkiOf = (key = testKey()): Buffer => Buffer.from(key.publicKey, 'base64');
const split = (pem: string): string[] => pem.match(/-----BEGIN[^]+?-----END CERTIFICATE-----\n/g) ?? [];

/** `openssl verify` at the time `now`, as a judge from outside. */
function opensslVerify(folder: string, roots: string, chain: string, now: number): string {
  const [leaf = '', ...rest] = split(chain);
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const args = ['-x509_strict', '-attime', String(Math.floor(now / 1000)), '-purpose', 'sslserver'];
  const files = ['-CAfile', file('roots.pem', roots), '-untrusted', file('rest.pem', rest.join('') || leaf)];
  return execFileSync('openssl', ['verify', ...args, ...files, file('leaf.pem', leaf)], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

test('an SVID has the attested name, the right usages, and is accepted by openssl', { skip: needs('openssl') }, () => {
  using folder = temporaryFolder();
  const clock = new FakeClock();
  const authority = started(folder.path, clock);
  const svid = authority.issueSvid(spkiOf(), ID, REGISTRATION);
  assert.match(opensslVerify(folder.path, authority.roots(), svid.certificateChain, clock.wall.now()), /OK/);
  const [leaf = '', intermediate = ''] = split(svid.certificateChain);
  const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: leaf, encoding: 'utf8' });
  assert.match(text, /X509v3 Subject Alternative Name: critical\s+URI:spiffe:\/\/weft\.local\/ns\/shop\/sa\/orders\n/);
  assert.match(text, /X509v3 Key Usage: critical\s+Digital Signature\n/);
  assert.match(text, /Extended Key Usage:\s+TLS Web Server Authentication, TLS Web Client Authentication\n/);
  assert.match(text, /Basic Constraints: critical\s+CA:FALSE/);
  assert.match(text, new RegExp(`Subject: serialNumber\\s?=\\s?${REGISTRATION}`));
  const certificate = new X509Certificate(leaf);
  assert.equal(certificate.checkIssued(new X509Certificate(intermediate)), true);
  assert.equal(certificate.validFromDate.getTime(), clock.wall.now() - 60_000);
  assert.equal(certificate.validToDate.getTime(), clock.wall.now() + DAY);
  assert.equal(certificate.serialNumber.length, 32);
  assert.notEqual(
    certificate.serialNumber,
    new X509Certificate(authority.issueSvid(spkiOf(), ID, REGISTRATION).certificateChain).serialNumber,
  );
});

test('an SVID is refused after its day', { skip: needs('openssl') }, () => {
  using folder = temporaryFolder();
  const clock = new FakeClock();
  const authority = started(folder.path, clock);
  const later = clock.wall.now() + DAY + 1000;
  const svid = authority.issueSvid(spkiOf(), ID, REGISTRATION);
  assert.throws(() => opensslVerify(folder.path, authority.roots(), svid.certificateChain, later), /expired/);
});

test('keys are made once, in files of mode 0600 in a folder of mode 0700', () => {
  using folder = temporaryFolder();
  const first = started(folder.path);
  const file = path.join(folder.path, 'authority', 'authority.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700);
  assert.equal(started(folder.path).rootSha256, first.rootSha256);
  assert.doesNotMatch(readFileSync(path.join(folder.path, 'authority', 'root.pem'), 'utf8'), /PRIVATE/);
});

test('a damaged file or one that others may read is refused and left alone', () => {
  using folder = temporaryFolder();
  started(folder.path);
  const file = path.join(folder.path, 'authority', 'authority.json');
  const good = readFileSync(file, 'utf8');
  for (const bad of ['', '{}', good.slice(0, -40), good.replace(/"current": "../, '"current": "zz')]) {
    writeFileSync(file, bad);
    assert.throws(
      () => started(folder.path),
      (error) => error instanceof AuthorityFileError && error.code === 'malformed' && error.message.includes(file),
    );
    assert.equal(readFileSync(file, 'utf8'), bad);
  }
  writeFileSync(file, good);
  chmodSync(file, 0o644);
  assert.throws(
    () => started(folder.path),
    (error) => error instanceof AuthorityFileError && error.code === 'permissions',
  );
});

test('CSR: only the key counts, and its holder must have signed it', { skip: needs('openssl') }, () => {
  using folder = temporaryFolder();
  const key = testKey();
  const csr = opensslCsr(
    folder.path,
    key.pem,
    '-addext',
    'subjectAltName=URI:spiffe://weft.local/ns/other/sa/admin,DNS:bank',
    '-addext',
    'basicConstraints=critical,CA:TRUE',
  );
  const read = readCsr(csr);
  assert.ok(read.ok);
  assert.equal(Buffer.from(read.value).toString('base64'), key.publicKey);
  const authority = started(folder.path);
  const leaf = new X509Certificate(authority.issueSvid(read.value, ID, REGISTRATION).certificateChain);
  assert.equal(leaf.subjectAltName, `URI:${ID}`);
  assert.equal(leaf.ca, false);
  for (let at = 0; at < csr.length; at += 7) {
    const tampered = Buffer.from(csr);
    tampered[at] = (tampered[at] ?? 0) ^ 0x01;
    assert.equal(readCsr(tampered).ok, false, `byte ${at}`);
  }
  assert.deepEqual(readCsr(csr.subarray(0, -1)), { ok: false, error: 'csr-malformed' });
  assert.deepEqual(readCsr(opensslCsr(folder.path, testKey('P-384').pem)), { ok: false, error: 'csr-key-unsupported' });
});

test('the intermediate is renewed at half of its life, under the same root', () => {
  using folder = temporaryFolder();
  const clock = new FakeClock();
  const authority = started(folder.path, clock);
  const root = authority.rootSha256;
  const before = split(authority.issueSvid(spkiOf(), ID, REGISTRATION).certificateChain)[1];
  clock.advance(200 * DAY);
  const after = split(authority.issueSvid(spkiOf(), ID, REGISTRATION).certificateChain)[1];
  assert.notEqual(after, before);
  assert.equal(authority.rootSha256, root);
});

test('root rotation: peers of both roots are accepted all the way', { skip: needs('openssl') }, async () => {
  using folder = temporaryFolder();
  const clock = new FakeClock();
  const authority = started(folder.path, clock);
  const first = authority.rootSha256;
  const oldRoots = authority.roots();
  const oldSvid = authority.issueSvid(spkiOf(), ID, REGISTRATION).certificateChain;
  assert.equal((await authority.beginRotation()).ok, true);
  const both = authority.roots();
  assert.equal(split(both).length, 2);
  assert.equal(authority.rootSha256, first, 'the next root signs nothing yet');
  const early = authority.promoteRoot(['shop/orders-abcde']);
  assert.deepEqual(early.ok ? [] : early.error.code, 'not-acknowledged');
  assert.equal(authority.promoteRoot([]).ok, true);
  assert.notEqual(authority.rootSha256, first);
  assert.equal(authority.roots(), both, 'a promotion pushes nothing');
  const newSvid = authority.issueSvid(spkiOf(), ID, REGISTRATION).certificateChain;
  const now = clock.wall.now();
  for (const chain of [oldSvid, newSvid]) assert.match(opensslVerify(folder.path, both, chain, now), /OK/);
  assert.throws(() => opensslVerify(folder.path, oldRoots, newSvid, now), 'not under the old root');
  const early2 = authority.retireRoot();
  assert.equal(early2.ok ? '' : early2.error.code, 'still-in-use');
  assert.equal(started(folder.path, clock).rootSha256, authority.rootSha256, 'the state survives a restart');
  clock.advance(DAY + 60_000);
  assert.equal(authority.retireRoot().ok, true);
  assert.equal(split(authority.roots()).length, 1);
  assert.doesNotMatch(readFileSync(path.join(folder.path, 'authority', 'authority.json'), 'utf8'), new RegExp(first));
  const server = authority.issueServerIdentity(['localhost', '127.0.0.1', '::1']).certificateChain;
  for (const roots of [oldRoots, authority.roots()])
    assert.match(opensslVerify(folder.path, roots, server, clock.wall.now()), /OK/);
});

test('an SVID costs well under a millisecond', () => {
  using folder = temporaryFolder();
  const authority = started(folder.path);
  const spki = spkiOf();
  const start = process.cpuUsage();
  for (let i = 0; i < 300; i += 1) authority.issueSvid(spki, ID, REGISTRATION);
  const used = process.cpuUsage(start);
  assert.ok((used.user + used.system) / 300 < 3000, `${(used.user + used.system) / 300} us each`);
});
