/**
 * Keeps the log bounded: once at the start, then every `everyMs`, and as soon as the log has grown a tenth beyond `keepEntries`.
 * Only the holder of the lease `compaction` does it. Never touches states of objects.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { Store, Watch } from './port.ts';

export interface CompactorOptions {
  /** Who takes the lease: one name a control-plane process. */
  readonly holder: string;
  /** Entries older than this many ms are forgotten; 7 days by default. */
  readonly keepMs?: number;
  /** The newest so many entries stay; 50,000 by default. */
  readonly keepEntries?: number;
  /** ms; an hour by default. */
  readonly everyMs?: number;
}

export const KEEP_MS = 7 * 24 * 3_600_000;
export const KEEP_ENTRIES = 50_000;
const LEASE_MS = 60_000;

export class Compactor {
  readonly #store: Store;
  readonly #clock: MonotonicClock;
  readonly #options: Required<CompactorOptions>;
  #timer: Timer | undefined;
  #watch: Watch | undefined;
  #grown = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(store: Store, clock: MonotonicClock, options: CompactorOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#options = { keepMs: KEEP_MS, keepEntries: KEEP_ENTRIES, everyMs: 3_600_000, ...options };
  }

  /** The store must have been started. */
  async start(): Promise<void> {
    const watch = this.#store.watch(this.#store.revision(), (entries) => {
      this.#grown += entries.length;
      if (this.#grown > this.#options.keepEntries / 10) this.#next();
    });
    if (watch.ok) this.#watch = watch.value;
    this.#next();
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#watch?.close();
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#running;
  }

  #next(): void {
    this.#grown = 0;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(this.#options.everyMs, () => this.#next());
    this.#running = this.#running.then(() => this.#compact());
  }

  /** The lease lasts for one compaction only: a process that was killed in it holds up its successor for a minute at most. */
  async #compact(): Promise<void> {
    const { holder, keepMs, keepEntries } = this.#options;
    if (!(await this.#store.lease('compaction', holder, LEASE_MS))) return;
    await this.#store.compact(keepMs, keepEntries);
    await this.#store.lease('compaction', holder, 0);
  }
}
