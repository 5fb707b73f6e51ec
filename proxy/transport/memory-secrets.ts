/** The plain `SecretSource`: filled by whoever receives secrets (SDS client, tests), held in memory only. */
import type { CertificateSecret, SecretSource } from '../ports.ts';

export class MemorySecrets implements SecretSource {
  readonly #certificates = new Map<string, CertificateSecret>();
  readonly #roots = new Map<string, string>();
  readonly #listeners = new Set<(name: string) => void>();

  certificate(name: string): CertificateSecret | undefined {
    return this.#certificates.get(name);
  }

  trustRoots(name: string): string | undefined {
    return this.#roots.get(name);
  }

  /** Of everything there is. */
  names(): ReadonlySet<string> {
    return new Set([...this.#certificates.keys(), ...this.#roots.keys()]);
  }

  onChange(changed: (name: string) => void): () => void {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }

  setCertificate(name: string, secret: CertificateSecret | undefined): void {
    if (secret === undefined) this.#certificates.delete(name);
    else this.#certificates.set(name, secret);
    this.#tell(name);
  }

  setTrustRoots(name: string, pem: string | undefined): void {
    if (pem === undefined) this.#roots.delete(name);
    else this.#roots.set(name, pem);
    this.#tell(name);
  }

  #tell(name: string): void {
    for (const listener of this.#listeners) listener(name);
  }
}
