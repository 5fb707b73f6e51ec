/**
 * TLS (envoy.extensions.transport_sockets.tls.v3). A secret is a name that the engine's secret source answers (SDS); for static files
 * the paths are kept and the engine reads them. No key material stands in a ProxyConfig.
 */
import type { StringMatcher } from './matcher.ts';
import type { ResourceFile } from './resource-file.ts';
import type { TextSource } from './text-source.ts';

/** `sdsCluster` of a secret that the proxy's own bootstrap holds. */
export const STATIC_SECRET = '';

/**
 * Secret of that name from SDS: from `file`, by the cluster `sdsCluster`, from the bootstrap itself (STATIC_SECRET), or by ADS (undefined, and no file).
 */
export interface SdsSource {
  readonly kind: 'sds';
  readonly name: string;
  readonly sdsCluster: string | undefined;
  readonly file?: ResourceFile;
}

/** Where a certificate with its key comes from. */
export type CertificateSource =
  | SdsSource
  | { readonly kind: 'files'; readonly certificateChain: string; readonly privateKey: string };

export interface SubjectAltNameMatcher {
  readonly sanType: 'uri' | 'dns' | 'email' | 'ip';
  readonly matcher: StringMatcher;
}

/** PEM of authorities, public all of it: a secret's, of a file, or in the configuration itself. */
export type TrustSource =
  | SdsSource
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'inline'; readonly pem: string };

/** How the peer is verified. Trust roots are a row of the table `trustBundles` (sds: same name) or a file. */
export interface PeerValidation {
  readonly trust: TrustSource;
  /** Any one must match a SAN of the peer; empty accepts every name that chains to the trust roots. */
  readonly subjectAltNames: readonly SubjectAltNameMatcher[];
  /** verify_certificate_hash and _spki: the leaf must be one of these, beside all else; undefined: it may be any. */
  readonly pins: CertificatePins | undefined;
  /** Lists of revoked certificates, for every issuer of a chain; undefined: none is looked at. */
  readonly crl: TextSource | undefined;
}

export interface CertificatePins {
  /** SHA-256 of the certificate's DER in lower-case hexadecimal. */
  readonly certificates: readonly string[];
  /** SHA-256 of the DER of its public key (SPKI) in base64. */
  readonly publicKeys: readonly string[];
}

export type TlsVersion = 'auto' | '1.2' | '1.3';

export interface TlsParameters {
  readonly minimumVersion: TlsVersion;
  readonly maximumVersion: TlsVersion;
  readonly cipherSuites: readonly string[];
  /** By preference, in OpenSSL's names; empty: the library's own. */
  readonly ecdhCurves: readonly string[];
}

/** A row of the table `trustBundles`: PEM roots for SDS validation contexts. Public material only. */
export interface TrustBundle {
  readonly name: string;
  /** One PEM text, one or more certificates. */
  readonly roots: string;
}

/** Listener side: plaintext or DownstreamTlsContext. */
export type DownstreamTransport =
  | { readonly kind: 'plaintext' }
  | {
      readonly kind: 'tls';
      readonly certificates: readonly CertificateSource[];
      readonly validation: PeerValidation | undefined;
      readonly requireClientCertificate: boolean;
      readonly alpnProtocols: readonly string[];
      readonly parameters: TlsParameters;
    };

/** Cluster side: plaintext or UpstreamTlsContext. */
export type UpstreamTransport =
  | { readonly kind: 'plaintext' }
  | {
      readonly kind: 'tls';
      readonly certificates: readonly CertificateSource[];
      readonly validation: PeerValidation | undefined;
      /** Empty: no SNI is sent. */
      readonly sni: string;
      /** auto_host_sni: the endpoint's host name instead, where it has one. */
      readonly sniFromEndpoint: boolean;
      /** auto_sni_san_validation: the endpoint's certificate must carry the SNI that was sent as a DNS name. */
      readonly sanFromSni: boolean;
      readonly alpnProtocols: readonly string[];
      readonly parameters: TlsParameters;
    };
