/**
 * Why an agent, a client or a file was refused: a closed set. The word stands in our log and metrics only; on the wire a refusal is one
 * of the generic answers of `WIRE_ANSWER`, so that nobody can probe what exists.
 */
export type RefusalReason =
  | 'message-malformed'
  | 'rate-limited'
  | 'store-unavailable'
  | 'token-missing'
  | 'token-unknown'
  | 'token-used'
  | 'token-expired'
  | 'token-foreign'
  | 'key-unsupported'
  | 'namespace-unknown'
  | 'namespace-moved'
  | 'registration-unknown'
  | 'registration-revoked'
  | 'registration-foreign'
  | 'proof-invalid'
  | 'issuer-unusable'
  | 'csr-malformed'
  | 'csr-key-unsupported'
  | 'csr-signature-invalid'
  | 'identity-missing'
  | 'certificate-refused'
  | 'workload-foreign'
  | 'node-foreign';

/** What the peer is told. `try-later` is the only one worth repeating. */
export type WireAnswer = 'refused' | 'malformed' | 'try-later';

export const WIRE_ANSWER: Readonly<Record<RefusalReason, WireAnswer>> = {
  'message-malformed': 'malformed',
  'rate-limited': 'try-later',
  'store-unavailable': 'try-later',
  'token-missing': 'refused',
  'token-unknown': 'refused',
  'token-used': 'refused',
  'token-expired': 'refused',
  'token-foreign': 'refused',
  'key-unsupported': 'refused',
  'namespace-unknown': 'refused',
  'namespace-moved': 'refused',
  'registration-unknown': 'refused',
  'registration-revoked': 'refused',
  'registration-foreign': 'refused',
  'proof-invalid': 'refused',
  'issuer-unusable': 'try-later',
  'csr-malformed': 'refused',
  'csr-key-unsupported': 'refused',
  'csr-signature-invalid': 'refused',
  'identity-missing': 'refused',
  'certificate-refused': 'refused',
  'workload-foreign': 'refused',
  'node-foreign': 'refused',
};

/** The authority's files cannot be used. `start` throws it; nothing was changed. */
export class AuthorityFileError extends Error {
  override readonly name = 'AuthorityFileError';
  readonly code: 'unreadable' | 'malformed' | 'permissions' | 'unwritable';
  readonly file: string;
  readonly remedy: string;

  constructor(code: AuthorityFileError['code'], file: string, message: string, remedy: string) {
    super(message);
    this.code = code;
    this.file = file;
    this.remedy = remedy;
  }
}
