/**
 * Columns of one series side by side: ticks of the last minutes, then slots of the current block. There may be a hundred thousand of them, so
 * that all of a series lie in one piece of memory, and whole numbers are kept as distances from a base of their column in four octets each. The
 * first value that does not fit makes doubles of all; nothing is ever rounded.
 */
import { BLOCK_SLOTS, TICKS } from './grid.ts';

/** Cells of a column. */
const CELLS = TICKS + BLOCK_SLOTS;
/** Distance that stands for no value. */
const ABSENT = 0xffffffff;
/** Columns that come at once. */
const GROWTH = 4;

export class Columns {
  #cells: Uint32Array | Float64Array;
  /** Of distances; empty for doubles. */
  #bases: number[] = [];
  #count = 0;

  /** `room`: columns that there is memory for from the first. */
  constructor(room: number) {
    this.#cells = new Uint32Array(room * CELLS).fill(ABSENT);
  }

  get count(): number {
    return this.#count;
  }

  /** A column without a value; its number. */
  add(): number {
    if ((this.#count + 1) * CELLS > this.#cells.length) this.#grow((this.#count + GROWTH) * CELLS);
    if (this.#cells instanceof Uint32Array) this.#bases.push(Number.NaN);
    this.#count += 1;
    return this.#count - 1;
  }

  setTick(column: number, tick: number, value: number): void {
    this.#set(column, mod(tick, TICKS), value);
  }

  setSlot(column: number, slot: number, value: number): void {
    this.#set(column, TICKS + mod(slot, BLOCK_SLOTS), value);
  }

  /** NaN where there is none. */
  tick(column: number, tick: number): number {
    return this.#get(column, mod(tick, TICKS));
  }

  /** All slots of a column, from the block's first. */
  slots(column: number): Float64Array {
    return Float64Array.from({ length: BLOCK_SLOTS }, (_, slot) => this.#get(column, TICKS + slot));
  }

  clearTick(tick: number): void {
    for (let column = 0; column < this.#count; column += 1) this.#clear(column * CELLS + mod(tick, TICKS), 1);
  }

  clearSlots(): void {
    for (let column = 0; column < this.#count; column += 1) this.#clear(column * CELLS + TICKS, BLOCK_SLOTS);
  }

  #get(column: number, cell: number): number {
    const held = this.#cells[column * CELLS + cell] ?? Number.NaN;
    if (!(this.#cells instanceof Uint32Array)) return held;
    return held === ABSENT ? Number.NaN : (this.#bases[column] ?? 0) + held;
  }

  #set(column: number, cell: number, value: number): void {
    const at = column * CELLS + cell;
    if (this.#cells instanceof Uint32Array) {
      if (Number.isNaN(value)) {
        this.#cells[at] = ABSENT;
        return;
      }
      // It is replaced: its distance must not keep the base where it is.
      this.#cells[at] = ABSENT;
      const distance = this.#fits(column, value) ? value - (this.#bases[column] ?? 0) : Number.NaN;
      if (!Number.isNaN(distance)) {
        this.#cells[at] = distance;
        return;
      }
      this.#widen();
    }
    this.#cells[at] = value;
  }

  /** Moves the base where that is all it takes. */
  #fits(column: number, value: number): boolean {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return false;
    const base = this.#bases[column] ?? Number.NaN;
    if (Number.isNaN(base)) {
      this.#bases[column] = value;
      return true;
    }
    if (value >= base && value - base < ABSENT) return true;
    const cells = this.#cells.subarray(column * CELLS, (column + 1) * CELLS);
    let least = ABSENT;
    let most = 0;
    for (const held of cells) {
      if (held === ABSENT) continue;
      least = Math.min(least, held);
      most = Math.max(most, held);
    }
    const moved = least === ABSENT ? value : Math.min(value, base + least);
    if (value - moved >= ABSENT || (least !== ABSENT && base + most - moved >= ABSENT)) return false;
    for (const [cell, held] of cells.entries()) if (held !== ABSENT) cells[cell] = base + held - moved;
    this.#bases[column] = moved;
    return true;
  }

  #clear(start: number, length: number): void {
    this.#cells.fill(this.#cells instanceof Uint32Array ? ABSENT : Number.NaN, start, start + length);
  }

  #grow(cells: number): void {
    const whole = this.#cells instanceof Uint32Array;
    const grown = whole ? new Uint32Array(cells) : new Float64Array(cells);
    grown.set(this.#cells);
    grown.fill(whole ? ABSENT : Number.NaN, this.#cells.length);
    this.#cells = grown;
  }

  #widen(): void {
    const doubles = new Float64Array(this.#cells.length).fill(Number.NaN);
    for (let column = 0; column < this.#count; column += 1)
      for (let cell = 0; cell < CELLS; cell += 1) doubles[column * CELLS + cell] = this.#get(column, cell);
    this.#cells = doubles;
    this.#bases = [];
  }
}

const mod = (value: number, by: number): number => ((value % by) + by) % by;
