// Roots from outside: what files and signers give is looked at before it is used, and what is used serves peers that know the root only.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { needs } from '@weft/testkit/tools';
import { Authority } from './authority.ts';
import { IssuerFiles } from './issuer-files.ts';
import { parseSignerAddress, Signer } from './signer.ts';
import { testKey } from './testing/index.ts';

const clock = { now: () => Date.now() };
const ID = 'spiffe://weft.local/ns/shop/sa/orders';

/** A root and an intermediate under it by openssl, with the names of `IssuerFiles`. */
function corporate(folder: string, name = 'corp'): string {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  openssl('req', '-x509', ...ec, '-keyout', 'root-key.pem', '-out', 'root-cert.pem', '-subj', `/CN=${name}`, ...ca);
  openssl('req', ...ec, '-keyout', 'ca-key.pem', '-out', 'ca.csr', '-subj', `/CN=${name} mesh`);
  writeFileSync(path.join(folder, 'ext'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n');
  const by = ['-CA', 'root-cert.pem', '-CAkey', 'root-key.pem', '-CAcreateserial', '-days', '30', '-extfile', 'ext'];
  openssl('x509', '-req', '-in', 'ca.csr', ...by, '-out', 'ca-cert.pem');
  chmodSync(path.join(folder, 'ca-key.pem'), 0o600);
  return folder;
}

const verified = (folder: string, roots: string, chain: string): string => {
  const [leaf = '', ...rest] = chain.match(/-----BEGIN[^]+?-----END CERTIFICATE-----\n/g) ?? [];
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const args = ['-CAfile', file('r.pem', roots), '-untrusted', file('u.pem', rest.join('')), file('l.pem', leaf)];
  return execFileSync('openssl', ['verify', '-purpose', 'sslserver', ...args], { encoding: 'utf8', stdio: 'pipe' });
};

describe('roots from outside', { skip: needs('openssl') }, () => {
  test('files make the first root; its key is never here, and a rotation leads back to a root of our own', async () => {
    using folder = temporaryFolder();
    const files = new IssuerFiles(corporate(folder.path), clock);
    const options = { folder: path.join(folder.path, 'authority'), clock, outside: [files] };
    const authority = new Authority(options);
    assert.deepEqual(await authority.prepare(), { ok: true, value: undefined });
    authority.start();
    const root = readFileSync(path.join(folder.path, 'root-cert.pem'), 'utf8');
    const spki = Buffer.from(testKey().publicKey, 'base64');
    const first = authority.issueSvid(spki, ID, 'a'.repeat(32)).certificateChain;
    assert.match(verified(folder.path, root, first), /OK/);
    assert.deepEqual(
      authority.reports().map(({ state, issuer }) => [state, issuer]),
      [['signing', 'files']],
    );
    const stored = readFileSync(path.join(folder.path, 'authority/authority.json'), 'utf8');
    assert.ok(!stored.includes(readFileSync(path.join(folder.path, 'root-key.pem'), 'utf8').split('\n')[1] ?? ''));
    assert.equal((await authority.beginRotation('own')).ok, true);
    assert.equal(authority.promoteRoot([]).ok, true);
    const second = authority.issueSvid(spki, ID, 'a'.repeat(32)).certificateChain;
    for (const chain of [first, second]) assert.match(verified(folder.path, authority.roots(), chain), /OK/);
    assert.throws(() => verified(folder.path, root, second));
  });

  test('a rotation to a root from outside, and the renewal of its certificate at half of its life', async () => {
    using folder = temporaryFolder();
    corporate(folder.path);
    // Behind it: a certificate holds from the second in which it is made.
    let now = Date.now();
    const files = new IssuerFiles(folder.path, { now: () => now });
    const authority = new Authority({
      folder: path.join(folder.path, 'authority'),
      clock: { now: () => now },
      outside: [files],
    });
    authority.start();
    assert.equal((await authority.beginRotation('files')).ok, true);
    assert.equal(authority.promoteRoot([]).ok, true);
    const before = authority.intermediateNotAfter;
    assert.deepEqual(await authority.maintain(), { ok: true, value: undefined });
    assert.equal(authority.intermediateNotAfter, before, 'nothing to do before half of its life');
    now += 16 * 86_400_000;
    const stale = await authority.maintain();
    assert.match(stale.ok ? '' : stale.error, /no newer certificate/);
    const ext = ['-days', '60', '-extfile', 'ext', '-out', 'ca-cert.pem'];
    const by = ['-CA', 'root-cert.pem', '-CAkey', 'root-key.pem'];
    execFileSync('openssl', ['x509', '-req', '-in', 'ca.csr', ...by, ...ext], { cwd: folder.path, stdio: 'pipe' });
    assert.deepEqual(await authority.maintain(), { ok: true, value: undefined });
    assert.ok(authority.intermediateNotAfter > before);
    now += 365 * 86_400_000;
    assert.equal(authority.usable, false, 'an issuer outside that is late is no reason to sign with what has ended');
  });

  test('what cannot be used is refused with its reason, and nothing is changed', async () => {
    using good = temporaryFolder();
    using other = temporaryFolder();
    corporate(good.path);
    corporate(other.path, 'other');
    const from = (change: (folder: string) => void) => async (): Promise<string> => {
      using folder = temporaryFolder();
      cpSync(good.path, folder.path, { recursive: true });
      change(folder.path);
      const obtained = await new IssuerFiles(folder.path, clock).obtain();
      return obtained.ok ? 'taken' : obtained.error;
    };
    const copy =
      (from_: string, file: string, as = file) =>
      (folder: string) =>
        cpSync(path.join(from_, file), path.join(folder, as));
    for (const [change, reason] of [
      [() => {}, /^taken$/],
      [copy(other.path, 'ca-key.pem'), /the key is not that of the signing certificate/],
      [copy(other.path, 'root-cert.pem'), /no root has signed the chain/],
      [copy(good.path, 'root-cert.pem', 'ca-cert.pem'), /the key is not that/],
      [(folder: string) => chmodSync(path.join(folder, 'ca-key.pem'), 0o644), /other users may read/],
      [(folder: string) => rmSync(path.join(folder, 'root-cert.pem')), /ENOENT/],
      [(folder: string) => writeFileSync(path.join(folder, 'ca-cert.pem'), 'x'), /must hold certificates/],
    ] as const)
      assert.match(await from(change)(), reason);
    const late = await new IssuerFiles(good.path, { now: () => Date.now() + 29.99 * 86_400_000 }).obtain();
    assert.match(late.ok ? '' : late.error, /ends within the hour/);
  });

  test('a signer: a program or a server signs our request; whoever is slow, fails or gives another key is refused', async () => {
    using folder = temporaryFolder();
    corporate(folder.path);
    const script = path.join(folder.path, 'sign.mjs');
    writeFileSync(
      script,
      `import { execFileSync } from 'node:child_process';
 import { readFileSync, writeFileSync } from 'node:fs';
export function sign(text) {
  const { csr, trustDomain } = JSON.parse(text);
  const cwd = ${JSON.stringify(folder.path)};
  writeFileSync(cwd + '/in.csr', csr);
  const by = ['-CA', 'root-cert.pem', '-CAkey', 'root-key.pem', '-days', '2', '-extfile', 'ext'];
  const certificate = execFileSync('/usr/bin/openssl', ['x509', '-req', '-in', 'in.csr', ...by], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.stringify({ certificate, roots: readFileSync(cwd + '/root-cert.pem', 'utf8'), trustDomain });
}
if (process.argv[2] === 'sleep') setInterval(() => {}, 1000);
else if (process.argv[2] === 'fail') process.exit(3);
else if (process.argv[2] === 'foreign') process.stdout.write(JSON.stringify({ certificate: readFileSync(${JSON.stringify(path.join(folder.path, 'ca-cert.pem'))}, 'utf8'), roots: readFileSync(${JSON.stringify(path.join(folder.path, 'root-cert.pem'))}, 'utf8') }));
else if (process.argv[2] === 'flood') process.stdout.write('x'.repeat(1e6));
else if (process.argv[2] === 'sign') process.stdout.write(sign(readFileSync(0, 'utf8')));
`,
    );
    const asked = async (address: string, timeout = 60_000): Promise<string> => {
      const parsed = parseSignerAddress(address);
      assert.ok(parsed !== undefined, address);
      const obtained = await new Signer({ address: parsed, trustDomain: 'weft.local', clock, timeout }).obtain();
      if (!obtained.ok) return obtained.error;
      assert.equal(new X509Certificate(obtained.value.certificate).checkPrivateKey(obtained.value.key), true);
      return 'taken';
    };
    const program = `exec:${process.execPath} ${script}`;
    assert.equal(await asked(`${program} sign`), 'taken');
    assert.match(await asked(`${program} fail`), /ended with 3/);
    assert.match(await asked(`${program} sleep`, 300), /no answer within 300 ms/);
    assert.match(await asked(`${program} foreign`), /the key is not that/);
    assert.match(await asked(`${program} flood`), /more than/);
    assert.match(await asked(`${program} nothing`), /not a JSON object/);
    assert.match(await asked('exec:/nonexistent', 1000), /ENOENT/);
    const { sign } = (await import(script)) as { readonly sign: (text: string) => string };
    const socket = path.join(folder.path, 's.sock');
    let status = 200;
    let silent = false;
    const server = http.createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      request.on('end', () => {
        if (!silent) response.writeHead(status, { location: '/' }).end(sign(text));
      });
    });
    await new Promise<void>((done) => server.listen(socket, done));
    assert.equal(await asked(`unix:${socket}`), 'taken');
    status = 302;
    assert.match(await asked(`unix:${socket}`), /it answered 302/);
    silent = true;
    assert.match(await asked(`unix:${socket}`, 300), /no answer within 300 ms/);
    server.closeAllConnections();
    server.close();
    for (const text of ['', 'exec:relative', 'http://plain.test/', 'unix:relative', 'https:', 'file:///x'])
      assert.equal(parseSignerAddress(text), undefined, text);
  });
});
