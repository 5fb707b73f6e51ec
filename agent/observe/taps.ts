/** Taps that are open at this agent: records are gathered for a moment and go up together, or are counted as missed. */
import { LIMITS } from '@weft/core/agent-api';
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { TapRecord, TapRequest } from '@weft/core/tap';
import type { ObservedProxy } from './proxy.ts';

/** ms that a record waits at most. */
const GATHER = 100;
/** Taps at once; a further one is not begun. */
const MAX_TAPS = 16;

interface OpenTap {
  readonly watch: { close(): void };
  records: TapRecord[];
  missed: number;
  timer: Timer | undefined;
}

export class Taps {
  readonly #proxy: ObservedProxy;
  readonly #clock: MonotonicClock;
  /** False: the stream does not keep up. */
  readonly #send: (tap: number, records: readonly TapRecord[], missed: number) => boolean;
  readonly #open = new Map<number, OpenTap>();

  constructor(
    proxy: ObservedProxy,
    clock: MonotonicClock,
    send: (tap: number, records: readonly TapRecord[], missed: number) => boolean,
  ) {
    this.#proxy = proxy;
    this.#clock = clock;
    this.#send = send;
  }

  begin(tap: number, request: TapRequest): void {
    if (this.#open.has(tap) || this.#open.size >= MAX_TAPS) return;
    const open: OpenTap = {
      watch: this.#proxy.tap(
        request,
        (record) => {
          if (open.records.length < LIMITS.tapped) open.records.push(record);
          else open.missed += 1;
          this.#arm(tap, open);
        },
        (count) => {
          open.missed += count;
          this.#arm(tap, open);
        },
      ),
      records: [],
      missed: 0,
      timer: undefined,
    };
    this.#open.set(tap, open);
  }

  end(tap: number): void {
    const open = this.#open.get(tap);
    if (open === undefined) return;
    this.#open.delete(tap);
    open.watch.close();
    open.timer?.cancel();
  }

  stop(): void {
    for (const tap of this.#open.keys()) this.end(tap);
  }

  #arm(tap: number, open: OpenTap): void {
    open.timer ??= this.#clock.after(GATHER, () => {
      open.timer = undefined;
      const { records, missed } = open;
      open.records = [];
      open.missed = this.#send(tap, records, missed) ? 0 : missed + records.length;
    });
  }
}
