/**
 * Why a TLS peer was refused, as a closed set. It goes to our log and metrics; the peer itself sees a closed connection or OpenSSL's own
 * alert, never this reason. Envoy's counters have fewer kinds; `ENVOY_STAT` says which one a reason belongs to.
 */
export type TlsRefusal =
  | 'no-certificate'
  | 'unknown-root'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-purpose'
  | 'invalid-certificate'
  | 'san-mismatch'
  /** None of the certificates that the configuration pins. */
  | 'pin-mismatch'
  | 'revoked'
  | 'invalid-spiffe-id'
  | 'secret-missing'
  /** No TLS at all. */
  | 'plaintext'
  /** The handshake broke: no common version or suite, a time-out, damaged bytes. */
  | 'handshake'
  /** The peer went away in the handshake, as probes of open ports do. */
  | 'gone';

export const ENVOY_STAT: Readonly<Record<TlsRefusal, string>> = {
  'no-certificate': 'ssl.fail_verify_no_cert',
  'unknown-root': 'ssl.fail_verify_error',
  expired: 'ssl.fail_verify_error',
  'not-yet-valid': 'ssl.fail_verify_error',
  'wrong-purpose': 'ssl.fail_verify_error',
  'invalid-certificate': 'ssl.fail_verify_error',
  'san-mismatch': 'ssl.fail_verify_san',
  'pin-mismatch': 'ssl.fail_verify_cert_hash',
  revoked: 'ssl.fail_verify_error',
  'invalid-spiffe-id': 'ssl.fail_verify_san',
  'secret-missing': 'ssl.connection_error',
  plaintext: 'ssl.connection_error',
  handshake: 'ssl.connection_error',
  gone: 'ssl.connection_error',
};

const BY_OPENSSL: Readonly<Record<string, TlsRefusal>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  CERT_REVOKED: 'revoked',
  INVALID_PURPOSE: 'wrong-purpose',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown-root',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown-root',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown-root',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown-root',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown-root',
  CERT_UNTRUSTED: 'unknown-root',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'no-certificate',
  ERR_SSL_HTTP_REQUEST: 'plaintext',
  ERR_SSL_WRONG_VERSION_NUMBER: 'plaintext',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'plaintext',
  ECONNRESET: 'gone',
  ECONNABORTED: 'gone',
  EPIPE: 'gone',
};

/** From OpenSSL's verdict on a chain, or the code of a handshake error. */
export function refusalOf(code: string, verdict: boolean): TlsRefusal {
  return BY_OPENSSL[code] ?? (verdict ? 'invalid-certificate' : 'handshake');
}

/** The error that `socket.authorizationError` holds is a code or an Error with one, by Node's version. */
export function errorCode(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof Error) return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  return '';
}
