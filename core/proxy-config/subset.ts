/**
 * Subset load balancing (envoy.config.cluster.v3.Cluster.LbSubsetConfig): endpoints carry filter metadata `envoy.lb`, routes ask for some
 * of it, and the cluster says which keys make subsets and what happens when nobody fits.
 */

/** Filter metadata `envoy.lb`, sorted by key, each key once. Lists, objects and null are not supported. */
export type LbMetadata = readonly (readonly [key: string, value: string | number | boolean])[];

export const NO_LB_METADATA: LbMetadata = [];

export interface SubsetBalancing {
  /** When a request asks for nothing, or for a subset that does not exist. */
  readonly fallback: 'no-fallback' | 'any-endpoint' | 'default-subset';
  /** What endpoints of the default subset carry; empty: every endpoint. */
  readonly defaultSubset: LbMetadata;
  readonly selectors: readonly SubsetSelector[];
}

export interface SubsetSelector {
  /** At least one, sorted; requests that ask for exactly these keys take their subset here. */
  readonly keys: readonly [string, ...string[]];
  /** When no endpoint has the values asked for; `cluster`: as the cluster says. */
  readonly fallback:
    | { readonly kind: 'cluster' | 'no-fallback' | 'any-endpoint' | 'default-subset' }
    /** Only these of the keys count then; sorted, a true part of `keys`. */
    | { readonly kind: 'keys-subset'; readonly keys: readonly string[] };
}
