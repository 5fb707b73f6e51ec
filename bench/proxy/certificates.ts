/** Certificate files for both engines, made by openssl: a P-256 root and a leaf with a SPIFFE name, for one hour's use. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Paths of PEM files. */
export interface Certificates {
  readonly roots: string;
  readonly chain: string;
  readonly key: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-sha256'] as const;

export function makeCertificates(folder: string): Certificates {
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  const [roots, rootKey, request, chain, key] = ['root.pem', 'root.key', 'leaf.csr', 'leaf.pem', 'leaf.key'].map(at);
  if (!roots || !rootKey || !request || !chain || !key) throw new Error('no paths');
  openssl('req', '-x509', ...KEY, '-subj', '/CN=bench root', '-days', '1', '-keyout', rootKey, '-out', roots);
  openssl('req', ...KEY, '-subj', '/CN=bench', '-keyout', key, '-out', request);
  writeFileSync(at('leaf.ext'), 'subjectAltName=URI:spiffe://bench.test/ns/bench/sa/bench,DNS:bench.test\n');
  const by = ['-CA', roots, '-CAkey', rootKey, '-CAcreateserial'];
  openssl('x509', '-req', '-in', request, ...by, '-days', '1', '-extfile', at('leaf.ext'), '-out', chain);
  return { roots, chain, key };
}
