/**
 * Certificates, keys and roots for the engine's TLS contexts: from the secret source, from the table `trustBundles`, or from the files a
 * static bootstrap names (read when a context is built). Tells listeners and clusters which names changed. A key goes from here into
 * OpenSSL and nowhere else.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CertificateSource, PeerValidation, TrustBundle } from '@weft/core/proxy-config';
import type { CertificateSecret, SecretSource } from '../ports.ts';
import { parseSubjectAltNames } from './certificate.ts';

export class MissingSecret extends Error {
  readonly secret: string;

  constructor(secret: string) {
    super(`secret ${secret} is not there yet`);
    this.secret = secret;
  }
}

export class TlsMaterial {
  readonly #source: SecretSource;
  #bundles: ReadonlyMap<string, TrustBundle> = new Map();
  readonly #listeners = new Set<(name: string) => void>();
  #unsubscribe: (() => void) | undefined;

  constructor(source: SecretSource) {
    this.#source = source;
  }

  start(): void {
    this.#unsubscribe ??= this.#source.onChange((name) => this.#tell(name));
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /** `changed` gets the name of a secret or trust bundle; returns the unsubscribe function. */
  onChange(changed: (name: string) => void): () => void {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }

  setTrustBundles(bundles: ReadonlyMap<string, TrustBundle>): void {
    const old = this.#bundles;
    this.#bundles = bundles;
    for (const name of new Set([...old.keys(), ...bundles.keys()])) {
      if (old.get(name)?.roots !== bundles.get(name)?.roots) this.#tell(name);
    }
  }

  /** Throws `MissingSecret`, or the file system's error. */
  certificate(source: CertificateSource): CertificateSecret {
    if (source.kind === 'files') {
      return {
        certificateChain: readFileSync(source.certificateChain, 'utf8'),
        privateKey: readFileSync(source.privateKey, 'utf8'),
      };
    }
    const secret = this.#source.certificate(source.name);
    if (secret === undefined) throw new MissingSecret(source.name);
    return secret;
  }

  /** Throws `MissingSecret`, or the file system's error. */
  roots(trust: PeerValidation['trust']): string {
    if (trust.kind === 'file') return readFileSync(trust.path, 'utf8');
    if (trust.kind === 'inline') return trust.pem;
    const pem = this.#bundles.get(trust.name)?.roots ?? this.#source.trustRoots(trust.name);
    if (pem === undefined) throw new MissingSecret(trust.name);
    return pem;
  }

  /** Whether a certificate or trust roots of that name are there. */
  has(name: string): boolean {
    return (
      this.#bundles.has(name) ||
      this.#source.certificate(name) !== undefined ||
      this.#source.trustRoots(name) !== undefined
    );
  }

  #tell(name: string): void {
    for (const listener of this.#listeners) listener(name);
  }
}

/** First URI SAN of the leaf of a PEM chain, '' without one. */
export function uriSanOf(chain: string): string {
  return parseSubjectAltNames(new X509Certificate(chain).subjectAltName ?? '')?.uri[0] ?? '';
}

/** Names of the SDS secrets and trust bundles that a transport needs. */
export function secretNames(
  certificates: readonly CertificateSource[],
  validation: PeerValidation | undefined,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const source of certificates) if (source.kind === 'sds') names.add(source.name);
  if (validation?.trust.kind === 'sds') names.add(validation.trust.name);
  return names;
}
