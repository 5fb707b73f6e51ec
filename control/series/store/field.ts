/** One column of a series in memory: its ticks of the last minutes and its slots of the current block. */
import { BLOCK_SLOTS, blockOf, slotOf, TICKS } from './grid.ts';

export class Field {
  /** Ticks, then slots, in one piece of memory: there may be a hundred thousand of these. */
  readonly #ticks = new Float64Array(TICKS + BLOCK_SLOTS).fill(Number.NaN);
  readonly slots = this.#ticks.subarray(TICKS);
  #lastTick = Number.NEGATIVE_INFINITY;
  #block = Number.NEGATIVE_INFINITY;

  write(tick: number, value: number): void {
    const first = Math.max(this.#lastTick + 1, tick - TICKS + 1);
    for (let missed = first; missed < tick; missed += 1) this.#ticks[missed % TICKS] = Number.NaN;
    this.#ticks[tick % TICKS] = value;
    this.#lastTick = tick;
    const slot = slotOf(tick);
    this.startBlock(blockOf(slot));
    this.slots[slot % BLOCK_SLOTS] = value;
  }

  /** Slots of an older block are gone; whoever wants them has taken them before. */
  startBlock(block: number): void {
    if (block === this.#block) return;
    this.#block = block;
    this.slots.fill(Number.NaN);
  }

  /** NaN when there is none, or none any more. */
  tick(tick: number): number {
    return tick > this.#lastTick || tick <= this.#lastTick - TICKS
      ? Number.NaN
      : (this.#ticks[tick % TICKS] ?? Number.NaN);
  }
}
