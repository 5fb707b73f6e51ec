/**
 * Bytes handed to the transport and not flushed, over all streams. Fresh bytes are bounded, so that a push to all does not copy every
 * response at once; bytes that a slow reader leaves lying are counted apart, so that it holds nobody up, and bounded too.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { XdsLimits } from './limits.ts';

type Bounds = Pick<XdsLimits, 'bytesInFlight' | 'slowAfterMs' | 'slowBytes' | 'stalledAfterMs'>;

/** How often lying bytes are looked at, in ms. */
const LOOK_MS = 500;

/** The unflushed bytes of one stream. */
export interface Account {
  bytes: number;
  /** Monotonic ms since the oldest of them wait, as of the last flush. */
  since: number;
  slow: boolean;
}

export class FlowControl {
  readonly #bounds: Bounds;
  readonly #clock: MonotonicClock;
  readonly #end: (account: Account) => void;
  readonly #resumed: () => void;
  /** In the order in which they began to wait. */
  readonly #waiting = new Set<Account>();
  #fresh = 0;
  #slow = 0;
  #timer: Timer | undefined;

  /** `end`: a reader that is too slow; `resumed`: there is room again. */
  constructor(bounds: Bounds, clock: MonotonicClock, end: (account: Account) => void, resumed: () => void) {
    this.#bounds = bounds;
    this.#clock = clock;
    this.#end = end;
    this.#resumed = resumed;
  }

  open(): Account {
    return { bytes: 0, since: 0, slow: false };
  }

  /** False: wait for `resumed`. */
  get hasRoom(): boolean {
    return this.#fresh < this.#bounds.bytesInFlight;
  }

  /** Unflushed bytes: of readers that keep up, and of slow ones. */
  get inFlight(): { readonly fresh: number; readonly slow: number } {
    return { fresh: this.#fresh, slow: this.#slow };
  }

  sent(account: Account, bytes: number): void {
    if (account.bytes === 0) {
      account.since = this.#clock.now();
      this.#waiting.add(account);
      this.#timer ??= this.#clock.after(LOOK_MS, () => this.#look());
    }
    account.bytes += bytes;
    if (account.slow) this.#slow += bytes;
    else this.#fresh += bytes;
  }

  flushed(account: Account, bytes: number): void {
    if (account.bytes < bytes) return;
    const hadRoom = this.hasRoom;
    account.bytes -= bytes;
    if (account.slow) this.#slow -= bytes;
    else this.#fresh -= bytes;
    this.#waiting.delete(account);
    if (account.bytes > 0) {
      account.since = this.#clock.now();
      this.#waiting.add(account);
    } else account.slow = false;
    if (!hadRoom && this.hasRoom) this.#resumed();
  }

  /** The stream is gone with whatever it had not flushed. */
  close(account: Account): void {
    this.flushed(account, account.bytes);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    const now = this.#clock.now();
    const hadRoom = this.hasRoom;
    for (const account of this.#waiting) {
      const waits = now - account.since;
      if (waits < this.#bounds.slowAfterMs) break;
      if (!account.slow) {
        account.slow = true;
        this.#fresh -= account.bytes;
        this.#slow += account.bytes;
      }
      if (waits >= this.#bounds.stalledAfterMs || this.#slow > this.#bounds.slowBytes) this.#end(account);
    }
    if (!hadRoom && this.hasRoom) this.#resumed();
    this.#timer = this.#waiting.size === 0 ? undefined : this.#clock.after(LOOK_MS, () => this.#look());
  }
}
