/** What envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext asks of a certificate beside its chain. */
import type { CertificatePins, PeerValidation, SubjectAltNameMatcher } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { filled, some } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeString, encodeString } from '../base/matcher.ts';
import { decodeTextSource, encodeTextSource } from '../base/text-source.ts';

type Wire = Messages['envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext'];
export type PeerChecks = Omit<PeerValidation, 'trust'>;

export const NO_CHECKS: PeerChecks = { subjectAltNames: [], pins: undefined, crl: undefined };

const SAN_TYPES: EnumTable<
  SubjectAltNameMatcher['sanType'] | '',
  'SAN_TYPE_UNSPECIFIED' | 'URI' | 'DNS' | 'EMAIL' | 'IP_ADDRESS'
> = [
  ['', 'SAN_TYPE_UNSPECIFIED'],
  ['uri', 'URI'],
  ['dns', 'DNS'],
  ['email', 'EMAIL'],
  ['ip', 'IP_ADDRESS'],
];

export function decodeChecks(cursor: Cursor<Wire>): PeerChecks {
  cursor.only('trust_chain_verification', 'VERIFY_TRUST_CHAIN');
  return {
    subjectAltNames: cursor.each('match_typed_subject_alt_names', (entry): SubjectAltNameMatcher => {
      const sanType = takeEnum(entry, 'san_type', SAN_TYPES);
      const matcher = entry.within('matcher', decodeString) ?? { kind: 'exact', value: '', ignoreCase: false };
      return { sanType: sanType === '' ? 'uri' : sanType, matcher };
    }),
    pins: decodePins(cursor),
    crl: cursor.within('crl', decodeTextSource),
  };
}

function decodePins(cursor: Cursor<Wire>): CertificatePins | undefined {
  const certificates = (cursor.take('verify_certificate_hash') ?? []).map((hash, index) => {
    const plain = hash.replaceAll(':', '').toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(plain)) {
      const path = cursor.at('verify_certificate_hash').index(index);
      cursor.report.fault(path, 'invalid-value', 'not a SHA-256 in hexadecimal');
    }
    return plain;
  });
  const publicKeys = cursor.take('verify_certificate_spki') ?? [];
  publicKeys.forEach((hash, index) => {
    if (/^[A-Za-z0-9+/]{43}=$/.test(hash)) return;
    const path = cursor.at('verify_certificate_spki').index(index);
    cursor.report.fault(path, 'invalid-value', 'not a SHA-256 in base64');
  });
  return certificates.length + publicKeys.length === 0 ? undefined : { certificates, publicKeys };
}

/** Undefined: nothing is asked. */
export const encodeChecks = ({ subjectAltNames, pins, crl }: PeerChecks): Wire | undefined =>
  filled({
    match_typed_subject_alt_names: some(
      subjectAltNames.map((entry) => ({
        san_type: enumName(entry.sanType, SAN_TYPES),
        matcher: encodeString(entry.matcher),
      })),
    ),
    verify_certificate_hash: pins === undefined ? undefined : some(pins.certificates),
    verify_certificate_spki: pins === undefined ? undefined : some(pins.publicKeys),
    crl: crl === undefined ? undefined : encodeTextSource(crl),
  });
