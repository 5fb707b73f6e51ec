/** Refusals as they are logged and counted. A refusal names who and why; it never holds a token, a key or a certificate. */
import type { RefusalReason } from './errors.ts';

export interface Refusal {
  readonly reason: RefusalReason;
  readonly operation: 'connect' | 'join' | 'issue' | 'attach' | 'ads' | 'api';
  /** Address of the caller, or `unix`. */
  readonly peer: string;
  /** Attested name of the caller (SPIFFE ID or registration), '' when there is none. */
  readonly identity: string;
  /** More for our log: printable ASCII, at most 200 characters. */
  readonly detail: string;
}

/** Counts refusals by reason and hands each to `sink` (the log). Counts are a fixed set: a caller cannot make new ones. */
export class Refusals {
  readonly #counts = new Map<RefusalReason, number>();
  readonly #sink: (refusal: Refusal) => void;

  constructor(sink: (refusal: Refusal) => void = () => {}) {
    this.#sink = sink;
  }

  add(refusal: Refusal): void {
    this.#counts.set(refusal.reason, (this.#counts.get(refusal.reason) ?? 0) + 1);
    this.#sink({ ...refusal, identity: printable(refusal.identity), detail: printable(refusal.detail) });
  }

  count(reason: RefusalReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** For the metric `weft_refusals_total{reason}`. */
  counts(): ReadonlyMap<RefusalReason, number> {
    return this.#counts;
  }
}

const printable = (text: string): string => text.slice(0, 200).replace(/[^\x20-\x7e]/g, '?');
