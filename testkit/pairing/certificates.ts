/** A self-signed certificate for the TLS listeners of the pairing runs, made by openssl for one day. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { toolPath } from '../tools/index.ts';
import { PAIRING_HOST, type PairingCertificates } from './bootstrap.ts';

/** A leaf that is its own root: our engine takes no certificate of an authority from a peer. */
const NO_AUTHORITY = 'basicConstraints=critical,CA:FALSE';

/** Needs the tool `openssl`. */
export function pairingCertificates(folder: string, host = PAIRING_HOST): PairingCertificates {
  const chain = path.join(folder, 'pairing.pem');
  const key = path.join(folder, 'pairing.key');
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-sha256', '-days', '1'];
  execFileSync(
    toolPath('openssl'),
    [
      'req',
      '-x509',
      ...kind,
      '-subj',
      `/CN=${host}`,
      '-addext',
      `subjectAltName=DNS:${host}`,
      '-addext',
      NO_AUTHORITY,
    ].concat(['-keyout', key, '-out', chain]),
    { stdio: 'pipe' },
  );
  return { chain, key };
}
