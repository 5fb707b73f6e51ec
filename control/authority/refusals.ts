/** Refusals as they are logged and counted. A refusal names who and why; it never holds a token, a key or a certificate. */
import type { MonotonicClock } from '@weft/core/kernel';
import type { RefusalReason } from './errors.ts';

export interface Refusal {
  readonly reason: RefusalReason;
  readonly operation: 'connect' | 'join' | 'issue' | 'token' | 'attach' | 'observe' | 'ads' | 'api';
  /** Address of the caller, or `unix`. */
  readonly peer: string;
  /** Attested name of the caller (SPIFFE ID or registration), '' when there is none. */
  readonly identity: string;
  /** More for our log: printable ASCII, at most 200 characters. */
  readonly detail: string;
}

/** Lines a second and reason: whoever is refused would otherwise fill our disk. */
const RATE = 20;

interface Window {
  second: number;
  lines: number;
  /** Not told since the last line. */
  untold: number;
}

/**
 * Counts refusals by reason and hands each to `sink` (the log), at most 20 a second and reason when there is a clock; the next one says how
 * many were left out. Counts are a fixed set: a caller cannot make new ones.
 */
export class Refusals {
  readonly #counts = new Map<RefusalReason, number>();
  readonly #windows = new Map<RefusalReason, Window>();
  readonly #sink: (refusal: Refusal) => void;
  readonly #clock: Pick<MonotonicClock, 'now'> | undefined;

  constructor(sink: (refusal: Refusal) => void = () => {}, clock?: Pick<MonotonicClock, 'now'>) {
    this.#sink = sink;
    this.#clock = clock;
  }

  add(refusal: Refusal): void {
    this.#counts.set(refusal.reason, (this.#counts.get(refusal.reason) ?? 0) + 1);
    const untold = this.#untold(refusal.reason);
    if (untold === undefined) return;
    const detail = printable(refusal.detail);
    const more = untold === 0 ? '' : `${detail === '' ? '' : ' '}(and ${untold} more not logged)`;
    this.#sink({ ...refusal, identity: printable(refusal.identity), detail: `${detail}${more}` });
  }

  /** undefined: this one is not told either. */
  #untold(reason: RefusalReason): number | undefined {
    if (this.#clock === undefined) return 0;
    const second = Math.floor(this.#clock.now() / 1000);
    const window = this.#windows.get(reason) ?? { second, lines: 0, untold: 0 };
    this.#windows.set(reason, window);
    if (window.second !== second) Object.assign(window, { second, lines: 0 });
    window.lines += 1;
    if (window.lines > RATE) {
      window.untold += 1;
      return undefined;
    }
    const { untold } = window;
    window.untold = 0;
    return untold;
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
