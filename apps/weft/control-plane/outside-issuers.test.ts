// Each mesh has a root of its own, also from outside: by files in a folder for its trust domain.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { needs } from '@weft/testkit/tools';
import { outsideIssuers } from './outside-issuers.ts';

const clock = { now: () => Date.now() };

function corporate(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
  openssl('req', '-x509', ...ec, '-keyout', 'root-key.pem', '-out', 'root-cert.pem', '-subj', `/CN=${name}`, ...ca);
  openssl('req', ...ec, '-keyout', 'ca-key.pem', '-out', 'ca.csr', '-subj', `/CN=${name} mesh`);
  writeFileSync(path.join(folder, 'ext'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n');
  const by = ['-CA', 'root-cert.pem', '-CAkey', 'root-key.pem', '-CAcreateserial', '-days', '30', '-extfile', 'ext'];
  openssl('x509', '-req', '-in', 'ca.csr', ...by, '-out', 'ca-cert.pem');
  chmodSync(path.join(folder, 'ca-key.pem'), 0o600);
}

test('a mesh whose trust domain has a folder is signed under the root there, others under the common one', {
  skip: needs('openssl'),
}, async () => {
  using folder = temporaryFolder();
  corporate(folder.path, 'common');
  corporate(path.join(folder.path, 'domain-next.example'), 'next');
  const rootOf = async (trustDomain: string): Promise<string> => {
    const [issuer] = outsideIssuers({ issuerFiles: folder.path }, trustDomain, clock);
    const got = await issuer?.obtain();
    assert.ok(got?.ok, JSON.stringify(got));
    return new X509Certificate(got.value.root).subject;
  };
  assert.equal(await rootOf('next.example'), 'CN=next');
  assert.equal(await rootOf('shop.example'), 'CN=common');
  assert.equal(await rootOf('..'), 'CN=common');
});
