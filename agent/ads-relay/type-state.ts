/** What one client's stream holds and awaits of one resource type. */
import type { DiscoveryResponse } from '@weft/envoy/discovery';

/** A response given to the client and not answered yet. */
export interface Awaited {
  /** As the client knows it: unique in its stream. */
  readonly nonce: string;
  /** As the control plane knows it; '' from the cache. */
  readonly upstreamNonce: string;
  /** The upstream stream it came by, counted from 1; 0: from the cache. */
  readonly generation: number;
  /** Kept until the client accepts it, for the cache. */
  readonly response: DiscoveryResponse | undefined;
}

export class TypeState {
  readonly typeUrl: string;
  names: readonly string[] = [];
  /** Accepted last; '' before the first. */
  version = '';
  /** Of the last response of the present upstream stream; '' before the first. */
  upstreamNonce = '';
  /** Whether the client was ever given a response of the control plane. */
  answered = false;
  /** Names that the client was given from the cache. */
  readonly fromCache = new Set<string>();
  #awaited: Awaited[] = [];

  constructor(typeUrl: string) {
    this.typeUrl = typeUrl;
  }

  give(awaited: Awaited): void {
    if (awaited.generation > 0) this.answered = true;
    this.#awaited.push(awaited);
  }

  /** The response that `nonce` answers; those given before it count as passed over. undefined: a change of names only. */
  take(nonce: string): Awaited | undefined {
    const index = this.#awaited.findIndex((awaited) => awaited.nonce === nonce);
    if (index < 0) return undefined;
    const [found] = this.#awaited.slice(index, index + 1);
    this.#awaited = this.#awaited.slice(index + 1);
    return found;
  }
}
