/** A P-256 root and a leaf with a SPIFFE name, as files for both engines, made by openssl for one day. Needs the tool `openssl`. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { toolPath } from '../tools/index.ts';

/** Paths of PEM files. */
export interface MutualCertificates {
  readonly roots: string;
  readonly chain: string;
  readonly key: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-sha256'] as const;

export function mutualCertificates(folder: string): MutualCertificates {
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: readonly string[]): void => void execFileSync(toolPath('openssl'), args, { stdio: 'pipe' });
  const roots = at('root.pem');
  const chain = at('leaf.pem');
  const key = at('leaf.key');
  openssl('req', '-x509', ...KEY, '-subj', '/CN=interop root', '-days', '1', '-keyout', at('root.key'), '-out', roots);
  openssl('req', ...KEY, '-subj', '/CN=interop', '-keyout', key, '-out', at('leaf.csr'));
  writeFileSync(at('leaf.ext'), 'subjectAltName=URI:spiffe://interop.test/ns/interop/sa/interop,DNS:interop.test\n');
  const by = ['-CA', roots, '-CAkey', at('root.key'), '-CAcreateserial'];
  openssl('x509', '-req', '-in', at('leaf.csr'), ...by, '-days', '1', '-extfile', at('leaf.ext'), '-out', chain);
  return { roots, chain, key };
}
