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
  readonly taint?: {
    readonly step: string;
    readonly root: string;
    readonly tookMs: number;
    readonly waitingFor: readonly string[];
  };
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
