/**
 * Columns of one series side by side: ticks of the last minutes, then slots of the current block. There may be a hundred thousand of them, so
 * that all of a series lie in one piece of memory, and whole numbers are kept as distances from a base of their column in two octets each. The
 * first value that does not fit makes four octets of all, then doubles; nothing is ever rounded.
 */
import { BLOCK_SLOTS, TICKS } from './grid.ts';

/** Cells of a column. */
const CELLS = TICKS + BLOCK_SLOTS;
type Cells = Uint16Array | Uint32Array | Float64Array;

/** What stands for no value; distances are below it. */
const absentOf = (cells: Cells): number =>
  cells instanceof Uint16Array ? 0xffff : cells instanceof Uint32Array ? 0xffffffff : Number.NaN;

/** Columns that come at once. */
const GROWTH = 4;

export class Columns {
  #cells: Cells;
  /** Of distances; empty for doubles. */
  #bases: number[] = [];
  #count = 0;

  /** `room`: columns that there is memory for from the first. */
  constructor(room: number) {
    this.#cells = new Uint16Array(room * CELLS).fill(0xffff);
  }

  get count(): number {
    return this.#count;
  }

  /** A column without a value; its number. */
  add(): number {
    if ((this.#count + 1) * CELLS > this.#cells.length) this.#grow((this.#count + GROWTH) * CELLS);
    if (!(this.#cells instanceof Float64Array)) this.#bases.push(Number.NaN);
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

  /** All slots of a column, from the block's first, into `values`. */
  slots(column: number, values: Float64Array): Float64Array {
    for (let slot = 0; slot < BLOCK_SLOTS; slot += 1) values[slot] = this.#get(column, TICKS + slot);
    return values;
  }

  clearTick(tick: number): void {
    for (let column = 0; column < this.#count; column += 1) this.#clear(column * CELLS + mod(tick, TICKS), 1);
  }

  clearSlots(): void {
    for (let column = 0; column < this.#count; column += 1) this.#clear(column * CELLS + TICKS, BLOCK_SLOTS);
  }

  #get(column: number, cell: number): number {
    const cells = this.#cells;
    const held = cells[column * CELLS + cell] ?? Number.NaN;
    if (cells instanceof Float64Array) return held;
    return held === absentOf(cells) ? Number.NaN : (this.#bases[column] ?? 0) + held;
  }

  #set(column: number, cell: number, value: number): void {
    const at = column * CELLS + cell;
    while (!(this.#cells instanceof Float64Array)) {
      // It is replaced: its distance must not keep the base where it is.
      this.#cells[at] = absentOf(this.#cells);
      if (Number.isNaN(value)) return;
      if (this.#fits(this.#cells, column, value)) {
        this.#cells[at] = value - (this.#bases[column] ?? 0);
        return;
      }
      this.#widen(this.#cells);
    }
    this.#cells[at] = value;
  }

  /** Moves the base where that is all it takes. */
  #fits(all: Uint16Array | Uint32Array, column: number, value: number): boolean {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return false;
    const absent = absentOf(all);
    const base = this.#bases[column] ?? Number.NaN;
    if (Number.isNaN(base)) {
      this.#bases[column] = value;
      return true;
    }
    if (value >= base && value - base < absent) return true;
    const cells = all.subarray(column * CELLS, (column + 1) * CELLS);
    let least = absent;
    let most = 0;
    for (const held of cells) {
      if (held === absent) continue;
      least = Math.min(least, held);
      most = Math.max(most, held);
    }
    const moved = least === absent ? value : Math.min(value, base + least);
    if (value - moved >= absent || (least !== absent && base + most - moved >= absent)) return false;
    for (const [cell, held] of cells.entries()) if (held !== absent) cells[cell] = base + held - moved;
    this.#bases[column] = moved;
    return true;
  }

  #clear(start: number, length: number): void {
    this.#cells.fill(absentOf(this.#cells), start, start + length);
  }

  #grow(cells: number): void {
    const Form = this.#cells.constructor as new (length: number) => Cells;
    const grown = new Form(cells);
    grown.set(this.#cells);
    grown.fill(absentOf(grown), this.#cells.length);
    this.#cells = grown;
  }

  /** Distances in four octets, or, where they do not suffice, doubles. */
  #widen(cells: Uint16Array | Uint32Array): void {
    if (cells instanceof Uint16Array) {
      const wider = new Uint32Array(cells.length).fill(0xffffffff);
      for (const [cell, held] of cells.entries()) if (held !== 0xffff) wider[cell] = held;
      this.#cells = wider;
      return;
    }
    const doubles = new Float64Array(cells.length).fill(Number.NaN);
    for (let column = 0; column < this.#count; column += 1)
      for (let cell = 0; cell < CELLS; cell += 1) doubles[column * CELLS + cell] = this.#get(column, cell);
    this.#cells = doubles;
    this.#bases = [];
  }
}

const mod = (value: number, by: number): number => ((value % by) + by) % by;
