/**
 * Join and Issue: a join token is spent on a registration key, and certificates are issued for a proof of that key. Messages carry public
 * keys, signatures and certificates only; a private key has no field to travel in.
 */
import type { Diagnostic, Result } from '../kernel/index.ts';
import { LIMITS } from './limits.ts';
import { base64Rule, LABEL_RULE, type ObjectReader, readMessage, SUBDOMAIN_RULE, type TextRule } from './reader.ts';

/** What an agent may speak for, as the control plane attested it. */
export interface Binding {
  readonly mesh: string;
  readonly trustDomain: string;
  readonly namespace: string;
  /** Service account. */
  readonly account: string;
}

/** What verifies the identities of one trust domain. */
export interface TrustDomainBundle {
  readonly trustDomain: string;
  /** PEM, one or more root certificates. */
  readonly roots: string;
  /** JWK set (RFC 7517) of the keys of JWT-SVIDs, as JSON text. */
  readonly jwks: string;
}

/** Everything that a workload trusts. */
export interface TrustBundleMessage extends TrustDomainBundle {
  /** Hash of all that is in it; the same content has the same version. */
  readonly version: string;
  /** PEM of the roots that the control plane's own certificate is verified under. */
  readonly controlPlane: string;
  /** Other trust domains whose identities are known here. Which of them a service believes says its configuration. */
  readonly federated: readonly TrustDomainBundle[];
}

/** `id` finds the token, `secret` is proof of it; both base64url. */
export interface TokenProof {
  readonly id: string;
  readonly secret: string;
}

export interface JoinRequest {
  /** undefined on the control plane's own Unix socket only. */
  readonly token: TokenProof | undefined;
  /** P-256 SubjectPublicKeyInfo, DER in base64. */
  readonly publicKey: string;
  /** What the agent wants to speak for; a token is bound to exactly one such pair. */
  readonly namespace: string;
  readonly account: string;
}

export interface JoinResponse {
  /** Name of the registration: what a proof refers to. */
  readonly registration: string;
  readonly binding: Binding;
  readonly bundle: TrustBundleMessage;
}

export interface IssueRequest {
  readonly registration: string;
  /** PKCS #10, DER in base64. Only its key counts. */
  readonly csr: string;
  /** Signature of `issueProofText` by the registration key (ECDSA P-256, SHA-256, DER) in base64. */
  readonly proof: string;
}

export interface IssueResponse {
  /** PEM: the SVID, then the intermediate. */
  readonly certificateChain: string;
  /** ms since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly binding: Binding;
  readonly bundle: TrustBundleMessage;
}

/**
 * What the registration key signs. The CSR is named by its text, so a recorded request yields only a certificate for a key that the
 * recorder does not have; that is why there is neither a time nor a nonce, and a wrong clock never keeps a workload out.
 */
export const issueProofText = (registration: string, csr: string): string => `weft issue 1\n${registration}\n${csr}\n`;

export const REGISTRATION_RULE: TextRule = { max: 32, pattern: /^[0-9a-f]{32}$/, form: '32 hexadecimal digits' };
const TOKEN_PART: TextRule = { max: 64, pattern: /^[A-Za-z0-9_-]+$/, form: 'base64url' };
const TRUST_DOMAIN: TextRule = { max: 255, pattern: /^[a-z0-9._-]+$/, form: 'a trust domain name' };
const PEM: TextRule = { max: LIMITS.pemText, pattern: /^-----BEGIN CERTIFICATE-----/, form: 'PEM certificates' };

export const readTokenProof = (reader: ObjectReader): TokenProof => ({
  id: reader.text('id', TOKEN_PART),
  secret: reader.text('secret', TOKEN_PART),
});

export const readJoinRequest = (value: unknown): Result<JoinRequest, readonly Diagnostic[]> =>
  readMessage(value, (reader) => ({
    token: reader.optionalObject('token', readTokenProof),
    publicKey: reader.text('publicKey', base64Rule(LIMITS.keyText)),
    namespace: reader.text('namespace', LABEL_RULE),
    account: reader.text('account', SUBDOMAIN_RULE),
  }));

export const readJoinResponse = (value: unknown): Result<JoinResponse, readonly Diagnostic[]> =>
  readMessage(value, (reader) => ({
    registration: reader.text('registration', REGISTRATION_RULE),
    binding: reader.object('binding', readBinding),
    bundle: reader.object('bundle', readBundle),
  }));

export const readIssueRequest = (value: unknown): Result<IssueRequest, readonly Diagnostic[]> =>
  readMessage(value, (reader) => ({
    registration: reader.text('registration', REGISTRATION_RULE),
    csr: reader.text('csr', base64Rule(LIMITS.csrText)),
    proof: reader.text('proof', base64Rule(LIMITS.signatureText)),
  }));

export const readIssueResponse = (value: unknown): Result<IssueResponse, readonly Diagnostic[]> =>
  readMessage(value, (reader) => ({
    certificateChain: reader.text('certificateChain', PEM),
    notBefore: reader.integer('notBefore', 0, Number.MAX_SAFE_INTEGER),
    notAfter: reader.integer('notAfter', 0, Number.MAX_SAFE_INTEGER),
    binding: reader.object('binding', readBinding),
    bundle: reader.object('bundle', readBundle),
  }));

function readBinding(reader: ObjectReader): Binding {
  return {
    mesh: reader.text('mesh', LABEL_RULE),
    trustDomain: reader.text('trustDomain', TRUST_DOMAIN),
    namespace: reader.text('namespace', LABEL_RULE),
    account: reader.text('account', SUBDOMAIN_RULE),
  };
}

const readDomain = (reader: ObjectReader): TrustDomainBundle => ({
  trustDomain: reader.text('trustDomain', TRUST_DOMAIN),
  roots: reader.text('roots', PEM),
  jwks: reader.optionalText('jwks', { max: LIMITS.jwksText }) ?? NO_KEYS,
});

/** What came later may be absent: an agent keeps its bundle on disk across versions. */
export function readBundle(reader: ObjectReader): TrustBundleMessage {
  const own = readDomain(reader);
  return {
    ...own,
    version: reader.text('version', { max: 64, pattern: /^[0-9a-f]+$/, form: 'hexadecimal digits' }),
    controlPlane: reader.optionalText('controlPlane', PEM) ?? own.roots,
    federated: reader.has('federated') ? reader.list('federated', LIMITS.trustDomains, readDomain) : [],
  };
}

const NO_KEYS = '{"keys":[]}';

export interface TokenRequest {
  /** On TLS it must be the registration in the SVID. */
  readonly registration: string;
  /** Whom the token is meant for; one at least. */
  readonly audience: readonly string[];
}

export interface TokenResponse {
  readonly spiffeId: string;
  /** A JWT-SVID in compact serialisation: a bearer secret. */
  readonly token: string;
  /** ms since the epoch. */
  readonly notAfter: number;
}

const AUDIENCE: TextRule = { max: 512, pattern: /^[\x21-\x7e]+$/, form: 'printable ASCII without spaces' };

export const readTokenRequest = (value: unknown): Result<TokenRequest, readonly Diagnostic[]> =>
  readMessage(value, (reader) => {
    const audience = reader.list('audience', LIMITS.audiences, (entry) => entry.text('name', AUDIENCE));
    if (audience.length === 0) reader.refuse('audience', 'missing-field', 'at least one is required');
    return { registration: reader.text('registration', REGISTRATION_RULE), audience };
  });

export const tokenRequestJson = ({ registration, audience }: TokenRequest): object => ({
  registration,
  audience: audience.map((name) => ({ name })),
});

export const readTokenResponse = (value: unknown): Result<TokenResponse, readonly Diagnostic[]> =>
  readMessage(value, (reader) => ({
    spiffeId: reader.text('spiffeId', { max: 2048 }),
    token: reader.text('token', { max: LIMITS.svidTokenText }),
    notAfter: reader.integer('notAfter', 0, Number.MAX_SAFE_INTEGER),
  }));
