/** What a client says, and what became of it. */
import type { Rejection } from './rejection.ts';

/** DiscoveryRequest without node and type. */
export interface StateOfTheWorldRequest {
  readonly version: string;
  readonly names: readonly string[];
  readonly nonce: string;
  /** error_detail.message; undefined: an ACK or a mere request. */
  readonly error: string | undefined;
}

/** DeltaDiscoveryRequest without node and type. */
export interface DeltaRequest {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly initialVersions: ReadonlyMap<string, string>;
  readonly nonce: string;
  readonly error: string | undefined;
}

export type RequestOutcome =
  | { readonly kind: 'request' }
  /** A nonce that is not the last one: the answer to what came later follows. */
  | { readonly kind: 'outdated' }
  /** `elapsed` ms after it was sent. */
  | { readonly kind: 'acknowledged'; readonly elapsed: number }
  | {
      readonly kind: 'rejected';
      readonly elapsed: number;
      readonly rejections: readonly Rejection[];
      readonly reason: string;
    };
