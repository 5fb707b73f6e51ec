/** What is trusted, mesh by mesh, and how far a rotation or a taint is. */

/** `/weft/v1/authority` */
export interface AuthoritiesDocument {
  readonly authorities: readonly AuthorityDocument[];
}

/** Of one mesh. */
export interface AuthorityDocument {
  readonly mesh: string;
  readonly trustDomain: string;
  readonly roots: readonly RootState[];
  /** RFC 3339; end of the certificate that signs. */
  readonly signingCertificateExpires: string;
  /** Proxies, of all meshes, that do not use the bundle with the next root yet: `namespace/name`. */
  readonly lagging: readonly string[];
  /** RFC 3339, '' without an old root: when it leaves. */
  readonly oldRootUntil: string;
  /** Foreign trust domains, in the order of `spec.federation`. */
  readonly federated: readonly FederatedState[];
  readonly taint?: {
    readonly step: string;
    readonly root: string;
    readonly tookMs: number;
    readonly waitingFor: readonly string[];
  };
}

/** `/weft/v1/authority/bundles/MESH` */
export interface SpiffeBundleDocument {
  readonly trustDomain: string;
  /** SPIFFE's JSON, as text. */
  readonly bundle: string;
}

export interface FederatedState {
  readonly trustDomain: string;
  /** '' where the bundle is pasted. */
  readonly url: string;
  /** How many roots its bundle holds; 0: none is known. */
  readonly roots: number;
  /** `spiffe_sequence`; -1: it says none. */
  readonly sequence: number;
  /** RFC 3339; '' when the bundle is the pasted one, or there is none. */
  readonly fetched: string;
  /** Why the last fetch failed; '': it did not. */
  readonly fault: string;
  /** Server name (SNI) that its workloads use towards services that are exported to it. */
  readonly serverName: string;
}

export interface RootState {
  readonly sha256: string;
  /** signing, next (trusted, signs nothing yet) or old (trusted, signs nothing any more). */
  readonly state: string;
  /** own, files or signer. */
  readonly issuer: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly expires: string;
}
