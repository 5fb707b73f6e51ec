/**
 * The secrets of one workload, by the names that configurations use: `default` is its own certificate with the key, `trust/<trust domain>`
 * the roots under which peers are verified; of a gateway also `secret/...` and `authorities/...`, what its Gateway refers to; `roots/system` the authorities
 * of this host, read when they are asked for. In memory only. Whoever gets one must not write it anywhere but where its own contract says.
 */
import {
  type GatewayMaterial,
  OWN_SECRET,
  SYSTEM_ROOTS,
  type TrustBundleMessage,
  type TrustDomainBundle,
  trustBundleName,
} from '@weft/core/agent-api';
import { createHash } from 'node:crypto';
import { getCACertificates, rootCertificates } from 'node:tls';

export type Secret =
  /** PEM: the chain with the leaf first, and its PKCS #8 key. */
  | { readonly kind: 'certificate'; readonly certificateChain: string; readonly privateKey: string }
  | { readonly kind: 'roots'; readonly roots: string };

export type SecretListener = (name: string, secret: Secret, version: string) => void;

export class Secrets {
  readonly #held = new Map<string, { readonly secret: Secret; readonly version: string }>();
  readonly #listeners = new Set<SecretListener>();
  readonly #bundleListeners = new Set<(bundle: TrustBundleMessage) => void>();
  /** Clients that were sent roots and have not said yet that they use them. */
  readonly #unsettled = new Set<object>();
  #onSettled: (() => void) | undefined;
  #bundle: TrustBundleMessage | undefined;
  /** Trust domains whose roots come from somebody else. */
  readonly #foreign = new Set<string>();

  /** Tells all listeners when it is not what was there. */
  set(name: string, secret: Secret): void {
    const version = versionOf(secret);
    if (this.#held.get(name)?.version === version) return;
    this.#held.set(name, { secret, version });
    for (const listener of this.#listeners) listener(name, secret, version);
  }

  /** Roots of the own trust domain and of those beside it: what is in it no longer is forgotten. */
  setBundle(bundle: TrustBundleMessage): void {
    this.#bundle = bundle;
    const domains: readonly TrustDomainBundle[] = [bundle, ...bundle.federated];
    const named = new Set(domains.map(({ trustDomain }) => trustBundleName(trustDomain)));
    for (const name of this.#held.keys())
      if (name.startsWith('trust/') && !named.has(name) && !this.#foreign.has(name.slice('trust/'.length)))
        this.#held.delete(name);
    for (const { trustDomain, roots } of domains)
      if (!this.#foreign.has(trustDomain)) this.set(trustBundleName(trustDomain), { kind: 'roots', roots });
    for (const listener of this.#bundleListeners) listener(bundle);
  }

  /** The certificate and roots from somebody else's Workload API take the place of the control plane's. `federated`: PEM by trust domain. */
  setForeign(
    certificate: { readonly certificateChain: string; readonly privateKey: string },
    trustDomain: string,
    roots: string,
    federated: ReadonlyMap<string, string>,
  ): void {
    for (const [domain, pem] of [...federated, [trustDomain, roots] as const]) {
      this.#foreign.add(domain);
      this.set(trustBundleName(domain), { kind: 'roots', roots: pem });
    }
    this.set(OWN_SECRET, { kind: 'certificate', ...certificate });
  }

  /** undefined before the first one. */
  get bundle(): TrustBundleMessage | undefined {
    const bundle = this.#bundle;
    if (bundle === undefined || this.#foreign.size === 0) return bundle;
    const inUse = <T extends TrustDomainBundle>(domain: T): T => {
      const held = this.#held.get(trustBundleName(domain.trustDomain))?.secret;
      return held?.kind === 'roots' ? { ...domain, roots: held.roots } : domain;
    };
    return { ...inUse(bundle), federated: bundle.federated.map(inUse) };
  }

  /** Calls `listener` at each new bundle. */
  onBundle(listener: (bundle: TrustBundleMessage) => void): { close(): void } {
    this.#bundleListeners.add(listener);
    return { close: () => void this.#bundleListeners.delete(listener) };
  }

  /** `client` was sent roots; until `settled` says otherwise it may verify by older ones. */
  unsettled(client: object): void {
    this.#unsettled.add(client);
  }

  /** `client` uses what it was sent, or is gone. */
  settled(client: object): void {
    if (!this.#unsettled.delete(client) || this.#unsettled.size > 0) return;
    const done = this.#onSettled;
    this.#onSettled = undefined;
    done?.();
  }

  /** Calls `done` when every client uses what is here now; a later call takes its place. */
  whenInUse(done: () => void): void {
    this.#onSettled = undefined;
    if (this.#unsettled.size === 0) done();
    else this.#onSettled = done;
  }

  /** Everything that a Gateway refers to: what it does no longer is forgotten. */
  setMaterial({ certificates, authorities }: GatewayMaterial): void {
    const named = new Set([...certificates, ...authorities].map(({ name }) => name));
    for (const name of this.#held.keys())
      if (/^(?:secret|authorities)\//.test(name) && !named.has(name)) this.#held.delete(name);
    for (const { name, certificateChain, privateKey } of certificates)
      this.set(name, { kind: 'certificate', certificateChain, privateKey });
    for (const { name, roots } of authorities) this.set(name, { kind: 'roots', roots });
  }

  /** Reads what this host trusts (SSL_CERT_FILE, else the system's store, else what Node brings along) when it is first asked for: it takes 0.1 s. */
  openSystemRoots(): void {
    if (this.#held.has(SYSTEM_ROOTS)) return;
    const system = getCACertificates('system');
    this.set(SYSTEM_ROOTS, { kind: 'roots', roots: (system.length > 0 ? system : rootCertificates).join('\n') });
  }

  get(name: string): { readonly secret: Secret; readonly version: string } | undefined {
    return this.#held.get(name);
  }

  names(): readonly string[] {
    return [...this.#held.keys()];
  }

  /** Calls `listener` for what is there now, then at each change. */
  subscribe(listener: SecretListener): { close(): void } {
    for (const [name, { secret, version }] of this.#held) listener(name, secret, version);
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  clear(): void {
    this.#held.clear();
    this.#listeners.clear();
    this.#bundleListeners.clear();
    this.#unsettled.clear();
  }
}

/** From the public half only. */
const versionOf = (secret: Secret): string =>
  createHash('sha256')
    .update(secret.kind === 'certificate' ? secret.certificateChain : secret.roots)
    .digest('hex')
    .slice(0, 16);
