/** Certificates made by OpenSSL for a test: files in its folder, and their text. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface KeyPair {
  /** PEM */
  readonly key: string;
  readonly cert: string;
}

/** `name` is the files' and the common name. Self-signed, or of `issuer`, which was made before; `names` are its subject alternative names, as OpenSSL writes them. */
export function makeCertificate(folder: string, name: string, issuer?: string, names?: string): KeyPair {
  const [key, cert] = [path.join(folder, `${name}.key`), path.join(folder, `${name}.crt`)];
  const from =
    issuer === undefined
      ? []
      : [
          '-addext',
          'basicConstraints=critical,CA:FALSE',
          '-CA',
          path.join(folder, `${issuer}.crt`),
          '-CAkey',
          path.join(folder, `${issuer}.key`),
          ...(names === undefined ? [] : ['-addext', `subjectAltName=${names}`]),
        ];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', key, '-out', cert, '-subj', `/CN=${name}`, '-days', '2'];
  execFileSync('openssl', [...request, ...files, ...from], { stdio: 'ignore' });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
