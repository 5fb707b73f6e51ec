/**
 * Judges the certificate of a TLS peer after OpenSSL judged its chain, and makes the identity that filters and records see. An unverified
 * peer has no names; one with SPIFFE IDs has exactly one (X509-SVID section 2). The same rules hold for callers and for endpoints.
 */
import { coversHost } from './covers-host.ts';
import { createHash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { compileString, type StringPredicate } from '@weft/core/decide';
import { parseSpiffeId } from '@weft/core/identity';
import type { CertificatePins, PeerValidation, SubjectAltNameMatcher } from '@weft/core/proxy-config';
import type { PeerIdentity } from '../ports.ts';
import { parseSubjectAltNames, type SubjectAltNames } from './certificate.ts';
import { type Presented, presentedBy } from './peer-certificate.ts';
import { errorCode, refusalOf, type TlsRefusal } from './refusal.ts';

export type PeerVerdict =
  | { readonly ok: true; readonly peer: TlsPeer }
  | { readonly ok: false; readonly reason: TlsRefusal; readonly detail: string };

type SanTest = readonly [kind: SubjectAltNameMatcher['sanType'], test: StringPredicate];

const NO_NAMES: SubjectAltNames = { uri: [], dns: [], email: [], ip: [] };

export class TlsPeer implements PeerIdentity {
  readonly presented: boolean;
  readonly verified: boolean;
  readonly uriSans: readonly string[];
  readonly dnsSans: readonly string[];
  readonly localUriSan: string;
  readonly tlsVersion: string;
  readonly cipher: string;
  readonly #presented: Presented | undefined;
  #x509: X509Certificate | undefined;

  constructor(socket: TLSSocket, presented: Presented | undefined, names: SubjectAltNames, localUriSan: string) {
    this.presented = presented !== undefined;
    this.verified = names !== NO_NAMES;
    this.uriSans = names.uri;
    this.dnsSans = names.dns;
    this.localUriSan = localUriSan;
    this.tlsVersion = socket.getProtocol() ?? '';
    this.cipher = socket.getCipher().standardName;
    this.#presented = presented;
  }

  /** Records seldom ask for it. */
  get #certificate(): X509Certificate | undefined {
    return (this.#x509 ??= this.#presented?.x509());
  }

  get subject(): string {
    return this.verified ? rfc2253(this.#certificate?.subject ?? '') : '';
  }

  get sha256(): string {
    return this.#certificate?.fingerprint256.replaceAll(':', '').toLowerCase() ?? '';
  }

  certificatePem(): string {
    return this.#certificate?.toString() ?? '';
  }
}

export class PeerCheck {
  readonly #required: boolean;
  readonly #validates: boolean;
  readonly #tests: readonly SanTest[];
  readonly #pins: CertificatePins | undefined;

  /**
   * Throws when a matcher does not compile. Without validation every peer passes, unverified. `peer`: an endpoint may show a wildcard for its
   * host; a caller's is nobody's name, as one label of it could be anybody's (stricter than Envoy).
   */
  constructor(validation: PeerValidation | undefined, required: boolean, peer: 'caller' | 'endpoint') {
    this.#required = required;
    this.#validates = validation !== undefined;
    this.#pins = validation?.pins;
    this.#tests = (validation?.subjectAltNames ?? []).map(
      ({ sanType, matcher }) =>
        [
          sanType,
          sanType === 'dns' && peer === 'endpoint' ? dnsTest(matcher, fault) : compileString(matcher, fault),
        ] as const,
    );
  }

  judge(socket: TLSSocket, localUriSan: string): PeerVerdict {
    const certificate = presentedBy(socket);
    if (certificate === undefined) {
      if (this.#required) return refused('no-certificate', 'the peer sent no certificate');
      return { ok: true, peer: new TlsPeer(socket, undefined, NO_NAMES, localUriSan) };
    }
    if (!this.#validates) return { ok: true, peer: new TlsPeer(socket, certificate, NO_NAMES, localUriSan) };
    if (!socket.authorized) {
      const code = errorCode(socket.authorizationError);
      return refused(refusalOf(code, true), code);
    }
    if (certificate.ca) return refused('invalid-certificate', 'the leaf is a CA certificate');
    const names = parseSubjectAltNames(certificate.subjectAltName);
    if (names === undefined || !(names.uri.every(isPlain) && names.dns.every(isPlain)))
      return refused('invalid-certificate', 'unreadable subject alternative names');
    const spiffe = names.uri.filter((uri) => /^spiffe:/i.test(uri));
    if (spiffe.length > 0 && (names.uri.length !== 1 || !parseSpiffeId(spiffe[0] ?? '').ok)) {
      return refused('invalid-spiffe-id', `URI names ${shown(names.uri)}`);
    }
    if (this.#pins !== undefined && !isPinned(certificate.x509(), this.#pins)) {
      return refused('pin-mismatch', certificate.x509().fingerprint256);
    }
    if (this.#tests.length > 0 && !this.#tests.some(([kind, test]) => names[kind].some(test))) {
      return refused('san-mismatch', `names ${shown([...names.uri, ...names.dns])}`);
    }
    return { ok: true, peer: new TlsPeer(socket, certificate, names, localUriSan) };
  }
}

/** Whether the certificate, or its public key, is one of those that are pinned. */
export function isPinned(certificate: X509Certificate, { certificates, publicKeys }: CertificatePins): boolean {
  if (certificates.includes(certificate.fingerprint256.replaceAll(':', '').toLowerCase())) return true;
  if (publicKeys.length === 0) return false;
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return publicKeys.includes(createHash('sha256').update(spki).digest('base64'));
}

/** URIs and host names are visible ASCII (RFC 5280 4.2.1.6): a NUL or a space in one is there to be misread by somebody. */
const isPlain = (name: string): boolean => /^[\x21-\x7e]+$/.test(name);

const fault = (message: string): never => {
  throw new Error(message);
};

const refused = (reason: TlsRefusal, detail: string): PeerVerdict => ({ ok: false, reason, detail });

const shown = (names: readonly string[]): string =>
  names
    .slice(0, 4)
    .map((name) => name.slice(0, 256))
    .join(' ');

/** node:crypto prints one attribute a line, most general first; RFC 2253 wants them reversed and joined by commas. */
const rfc2253 = (subject: string): string => subject.split('\n').reverse().join(',');

/** As Envoy: an exact DNS name is met by a certificate's wildcard too, and in any case. */
function dnsTest(matcher: SubjectAltNameMatcher['matcher'], fault: (message: string) => void): StringPredicate {
  if (matcher.kind !== 'exact') return compileString(matcher, fault);
  return (name) => coversHost(name, matcher.value);
}
