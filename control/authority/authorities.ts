/**
 * The authorities of one control plane: one a trust domain, made when a mesh with it is first asked for, each with roots of its own. The
 * primary one, of the mesh `default`, also vouches for the control plane itself. A bundle is put together here: what a workload of a trust
 * domain verifies its peers, the control plane and other trust domains with.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { TrustBundleMessage, TrustDomainBundle } from '@weft/core/agent-api';
import { ok, type Result, type WallClock } from '@weft/core/kernel';
import { Authority } from './authority.ts';
import type { OutsideIssuer } from './outside-issuer.ts';

export interface AuthoritiesOptions {
  /** Made with mode 0700; those beside the primary have a folder each below it. */
  readonly folder: string;
  readonly clock: WallClock;
  /** ms an SVID lives; default 24 hours. */
  readonly svidLife?: number | undefined;
  /** Trust domain of the primary one. */
  readonly primary: () => string;
  /** Issuers outside for a trust domain; the first one makes its first root. */
  readonly outside?: ((trustDomain: string) => readonly OutsideIssuer[]) | undefined;
  /** Other trust domains that workloads of this one may meet. */
  readonly federated?: ((trustDomain: string) => readonly TrustDomainBundle[]) | undefined;
  /** There is one more trust domain whose clients are verified. */
  readonly onNew?: (() => void) | undefined;
}

export class Authorities {
  readonly primary: Authority;
  readonly #options: AuthoritiesOptions;
  readonly #others = new Map<string, Authority>();
  readonly #beginning = new Map<string, Promise<Result<Authority, string>>>();
  readonly #bundles = new Map<string, { readonly text: string; readonly bundle: TrustBundleMessage }>();

  constructor(options: AuthoritiesOptions) {
    this.#options = options;
    this.primary = this.#make(options.folder, options.primary());
  }

  /** Throws AuthorityFileError. */
  start(): void {
    this.primary.start();
  }

  /** Makes the keys of a trust domain that is new, where an issuer outside makes its root too. The error is a phrase for a person. */
  async ensure(trustDomain: string): Promise<Result<Authority, string>> {
    const known = this.#known(trustDomain);
    if (known !== undefined) return ok(known);
    const under = this.#beginning.get(trustDomain);
    if (under !== undefined) return under;
    const beginning = this.#begin(trustDomain).finally(() => this.#beginning.delete(trustDomain));
    this.#beginning.set(trustDomain, beginning);
    return beginning;
  }

  /** One that `ensure` has made. Throws TypeError before. */
  of(trustDomain: string): Authority {
    const known = this.#known(trustDomain);
    if (known === undefined) throw new TypeError(`there are no keys of ${trustDomain} yet`);
    return known;
  }

  #known(trustDomain: string): Authority | undefined {
    return trustDomain === this.#options.primary() ? this.primary : this.#others.get(trustDomain);
  }

  async #begin(trustDomain: string): Promise<Result<Authority, string>> {
    // A prefix, since `..` is a trust domain too.
    const made = this.#make(path.join(this.#options.folder, 'domains', `domain-${trustDomain}`), trustDomain);
    const prepared = await made.prepare();
    if (!prepared.ok) return prepared;
    made.start();
    this.#others.set(trustDomain, made);
    this.#options.onNew?.();
    return ok(made);
  }

  /** Those in use, by trust domain. */
  all(): readonly (readonly [trustDomain: string, authority: Authority])[] {
    return [[this.#options.primary(), this.primary], ...this.#others];
  }

  /** What one trust domain is verified with. */
  domain(trustDomain: string): TrustDomainBundle {
    const authority = this.of(trustDomain);
    return { trustDomain, roots: authority.roots(), jwks: authority.jwks() };
  }

  has(trustDomain: string): boolean {
    return this.#known(trustDomain) !== undefined;
  }

  bundle(trustDomain: string): TrustBundleMessage {
    const content = {
      ...this.domain(trustDomain),
      controlPlane: this.primary.roots(),
      federated: (this.#options.federated?.(trustDomain) ?? []).filter((other) => other.trustDomain !== trustDomain),
    };
    const text = JSON.stringify(content);
    const made = this.#bundles.get(trustDomain);
    if (made?.text === text) return made.bundle;
    const bundle = { ...content, version: createHash('sha256').update(text).digest('hex').slice(0, 16) };
    this.#bundles.set(trustDomain, { text, bundle });
    return bundle;
  }

  #make(folder: string, trustDomain: string): Authority {
    const { clock, svidLife, outside } = this.#options;
    return new Authority({ folder, clock, svidLife, outside: outside?.(trustDomain) });
  }
}
