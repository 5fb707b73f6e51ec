/**
 * OpenSSL options of one TLS side: versions, suites, no tickets and no renegotiation. A resumed session is not verified again, so on mTLS
 * every handshake is a full one.
 */
import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import type { CertificateSource, PeerValidation, TextSource, TlsParameters, TlsVersion } from '@weft/core/proxy-config';
import { readTextSource } from '../text-source.ts';
import type { TlsMaterial } from './material.ts';

const TLS13 = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

/** Throws `MissingSecret` or a file error. `index` chooses among several certificates. */
export function contextOptions(
  material: TlsMaterial,
  certificates: readonly CertificateSource[],
  validation: PeerValidation | undefined,
  parameters: TlsParameters,
  index = 0,
): SecureContextOptions {
  const source = certificates[index];
  const own = source === undefined ? undefined : material.certificate(source);
  const suites = parameters.cipherSuites.map((suite) => suite.replace(/[[\]]/g, '').replaceAll('|', ':'));
  return {
    ...(own === undefined ? {} : { cert: own.certificateChain, key: own.privateKey }),
    ca: validation === undefined ? [] : [material.roots(validation.trust)],
    ...(validation?.crl === undefined ? {} : { crl: textOf(validation.crl) }),
    minVersion: version(parameters.minimumVersion, 'TLSv1.2'),
    maxVersion: version(parameters.maximumVersion, 'TLSv1.3'),
    ...(parameters.ecdhCurves.length === 0 ? {} : { ecdhCurve: parameters.ecdhCurves.join(':') }),
    ...(suites.length === 0 ? {} : { ciphers: `${TLS13}:${suites.join(':')}` }),
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (validation === undefined ? 0 : constants.SSL_OP_NO_TICKET),
  };
}

const version = (wanted: TlsVersion, otherwise: 'TLSv1.2' | 'TLSv1.3'): 'TLSv1.2' | 'TLSv1.3' =>
  wanted === '1.2' ? 'TLSv1.2' : wanted === '1.3' ? 'TLSv1.3' : otherwise;

/** Throws when it cannot be read: a list that is missing revokes nobody. */
function textOf(source: TextSource): string {
  const read = readTextSource(source);
  if ('fault' in read) throw new Error(`list of revoked certificates: ${read.fault}`);
  return read.text;
}
