/**
 * Which exchanges are worth keeping when nobody asked for one in particular: every refusal and failure, and of the rest a sample. The sample is
 * drawn by the request's id, so that the proxies of both sides keep the same requests, and a busier one keeps part of what a quieter one does.
 */
import type { MonotonicClock } from '../kernel/index.ts';

/** Whether what became of an exchange is a refusal or a failure. `status` 0: no answer; `grpc` -1: not gRPC; `flagged`: with a response flag. */
export const isTelling = (status: number, grpc: number, flagged: boolean): boolean =>
  flagged || status >= 500 || status === 0 || REFUSED.has(status) || (grpc > 0 && TELLING_GRPC.has(grpc));

/** A connection has no status: it is told by how it ended. */
export const isTellingConnection = (flagged: boolean, details: string): boolean => flagged || details !== '';

const REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);
/** Faults of the server (core/traffic), and PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNAUTHENTICATED. */
const TELLING_GRPC: ReadonlySet<number> = new Set([2, 4, 7, 8, 12, 13, 14, 15, 16]);

/** The rest is thinned to one in 2^LEAST at most. */
const LEAST = 20;

export class KeepGate {
  readonly #clock: MonotonicClock;
  /** A second, of each of the two sorts. */
  readonly #rate: number;
  readonly #missed: (count: number) => void;
  #second = Number.NEGATIVE_INFINITY;
  #telling = 0;
  #others = 0;
  /** Of this second, kept or not. */
  #seen = 0;
  /** One in 2^thinning is kept. */
  #thinning = 0;
  #unnamed = 0;

  constructor(rate: number, clock: MonotonicClock, missed: (count: number) => void) {
    this.#rate = rate;
    this.#clock = clock;
    this.#missed = missed;
  }

  /** 0: not kept; else how many exchanges the one that is kept stands for. `id`: its x-request-id, '' without; asked of what is not telling. */
  weigh(telling: boolean, id: string): number {
    const now = this.#clock.now();
    if (now - this.#second >= 1000) this.#turn(now);
    if (telling) {
      this.#telling += 1;
      if (this.#telling <= this.#rate) return 1;
      this.#missed(1);
      return 0;
    }
    this.#seen += 1;
    if (this.#thinning > 0) {
      const lot = id === '' ? (this.#unnamed += 1) : lotOf(id);
      if ((lot & ((1 << this.#thinning) - 1)) !== 0) return 0;
    }
    this.#others += 1;
    // More than foreseen: thinner at once, so that a burst is seen as a whole and not by its beginning.
    if (this.#others % this.#rate === 0 && this.#thinning < LEAST) {
      const weight = 1 << this.#thinning;
      this.#thinning += 1;
      return weight;
    }
    return 1 << this.#thinning;
  }

  #turn(now: number): void {
    const idle = now - this.#second >= 2000;
    let thinning = 0;
    while (!idle && thinning < LEAST && this.#seen / (1 << thinning) > this.#rate) thinning += 1;
    this.#thinning = thinning;
    this.#second = now;
    this.#seen = 0;
    this.#telling = 0;
    this.#others = 0;
  }
}

/** Characters at the end of an id that count: random ones of a UUID. */
const ID_TEXT = 16;

/** FNV-1a, its high bits folded into the low ones. */
function lotOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = Math.max(0, id.length - ID_TEXT); index < id.length; index += 1)
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
