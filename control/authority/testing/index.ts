/** What an agent does, by other means than the agent's: keys by node:crypto, requests by the openssl program. For tests of control. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type IssueRequest, issueProofText } from '@weft/core/agent-api';

export interface TestKey {
  readonly privateKey: KeyObject;
  /** SPKI DER in base64. */
  readonly publicKey: string;
  readonly pem: string;
}

export function testKey(curve = 'P-256'): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return {
    privateKey,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** A CSR made by `openssl req`, DER. `args`: more of its arguments, e.g. `-addext`. */
export function opensslCsr(folder: string, keyPem: string, ...args: readonly string[]): Buffer {
  const key = path.join(folder, 'csr.key');
  const csr = path.join(folder, 'csr.der');
  writeFileSync(key, keyPem, { mode: 0o600 });
  execFileSync('openssl', ['req', '-new', '-key', key, '-subj', '/CN=root', '-outform', 'DER', '-out', csr, ...args], {
    stdio: 'pipe',
  });
  return readFileSync(csr);
}

export function issueRequest(registration: string, csr: Buffer, key: TestKey): IssueRequest {
  const text = csr.toString('base64');
  const proof = sign('sha256', Buffer.from(issueProofText(registration, text)), key.privateKey).toString('base64');
  return { registration, csr: text, proof };
}
