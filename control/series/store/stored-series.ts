/** A series as the store holds it: running totals that grow by amounts, gauges, or duration histograms. */
import type { Fields, FieldStream } from './block-codec.ts';
import { Columns } from './columns.ts';
import { BLOCK_SLOTS, blockOf, slotOf, TICKS } from './grid.ts';
import type { Labels } from '../query/index.ts';

export type SeriesKind = 'counter' | 'gauge' | 'histogram';

/** Key of the one field of counters and gauges, and of the sum of a histogram. Buckets have keys from BUCKET_KEY on. */
export const VALUE_KEY = 0;
export const BUCKET_KEY = 1000;

/** What happened to a series since the last sample. */
export type Change =
  /** Added to a counter's total, or a gauge's value now. */
  | { readonly value: number }
  /** Added to a histogram: ms together, and counts by index (`core/traffic`'s durations). */
  | { readonly sum: number; readonly buckets: readonly (readonly [index: number, count: number])[] };

export class StoredSeries {
  readonly id: number;
  readonly kind: SeriesKind;
  readonly labels: Labels;
  /** Whose part of the room it takes. */
  readonly source: string;
  /** Tick of the last change. */
  changed = Number.NEGATIVE_INFINITY;
  /** Newest block that has something of it. */
  newest = Number.NEGATIVE_INFINITY;
  /** The store has it. */
  held = true;
  /** Running total or last value of a counter or gauge, or a histogram's sum; undefined: none yet. */
  #value: number | undefined;
  /** Key of each bucket, in the order of appearance, its running total, and where it stands. */
  #keys: number[] = [];
  #totals: number[] = [];
  #places: Map<number, number> | undefined;
  /** Value or sum, and buckets; undefined while no tick was told. */
  #values: Columns | undefined;
  #buckets: Columns | undefined;
  #lastTick = Number.NEGATIVE_INFINITY;
  #block = Number.NEGATIVE_INFINITY;
  /** Whether it goes on from what an earlier process saved. */
  #resumed = false;

  constructor(id: number, kind: SeriesKind, labels: Labels, source: string) {
    this.id = id;
    this.kind = kind;
    this.labels = labels;
    this.source = source;
  }

  /** Columns that it takes. */
  get fields(): number {
    return this.#keys.length + (this.#value === undefined ? 0 : 1);
  }

  /** Returns how many fields are new. */
  change(change: Change, room: number): number {
    const before = this.fields;
    if ('value' in change) {
      this.#value = change.value + (this.kind === 'gauge' ? 0 : (this.#value ?? 0));
      return this.fields - before;
    }
    this.#value = (this.#value ?? 0) + change.sum;
    for (const [index, count] of change.buckets) this.#add(BUCKET_KEY + index, count, before + room);
    return this.fields - before;
  }

  /** Beyond `limit` fields a count goes to the nearest bucket that is there. */
  #add(key: number, amount: number, limit: number): void {
    let place = this.#places?.get(key);
    if (place === undefined && this.fields >= limit) {
      if (this.#keys.length === 0) return;
      const nearest = this.#keys.reduce((a, b) => (Math.abs(b - key) < Math.abs(a - key) ? b : a));
      place = this.#places?.get(nearest);
    }
    place ??= this.#place(key);
    this.#totals[place] = (this.#totals[place] ?? 0) + amount;
  }

  #place(key: number): number {
    const place = this.#keys.length;
    this.#places ??= new Map();
    this.#places.set(key, place);
    this.#keys.push(key);
    this.#totals.push(0);
    return place;
  }

  write(tick: number): void {
    const slot = slotOf(tick);
    this.startBlock(blockOf(slot));
    const all = this.#columns();
    if (this.#lastTick === Number.NEGATIVE_INFINITY && this.kind !== 'gauge' && !this.#resumed) this.#beginAtZero(tick);
    for (let missed = Math.max(this.#lastTick + 1, tick - TICKS + 1); missed < tick; missed += 1)
      for (const columns of all) columns.clearTick(missed);
    this.#lastTick = tick;
    if (this.#value !== undefined) {
      this.#values?.setTick(0, tick, this.#value);
      this.#values?.setSlot(0, slot, this.#value);
    }
    for (const [place, total] of this.#totals.entries()) {
      this.#buckets?.setTick(place, tick, total);
      this.#buckets?.setSlot(place, slot, total);
    }
  }

  /**
   * A counter was at zero before its first sample. Without that zero the first calls of an edge would be in no increase of it, and one that was
   * called once would never have been. (Prometheus: created-timestamp zero injection.)
   */
  #beginAtZero(tick: number): void {
    const slot = slotOf(tick) - 1;
    const held = blockOf(slot) === this.#block;
    this.#values?.setTick(0, tick - 1, 0);
    if (held) this.#values?.setSlot(0, slot, 0);
    for (const place of this.#totals.keys()) {
      this.#buckets?.setTick(place, tick - 1, 0);
      if (held) this.#buckets?.setSlot(place, slot, 0);
    }
    this.#lastTick = tick - 1;
  }

  /** Slots of an older block are gone; whoever wants them has taken them before. */
  startBlock(block: number): void {
    if (block === this.#block) return;
    this.#block = block;
    this.#values?.clearSlots();
    this.#buckets?.clearSlots();
  }

  /** Ticks that are held: the newest of TICKS. */
  holdsTick(tick: number): boolean {
    return tick <= this.#lastTick && tick > this.#lastTick - TICKS && !Number.isNaN(this.#values?.tick(0, tick) ?? NaN);
  }

  /** Columns of the current block. */
  slots(): Fields {
    return this.#fieldsBy((columns, place) => columns.slots(place, new Float64Array(BLOCK_SLOTS)));
  }

  /** The same into one and the same memory. */
  slotStream(scratch: Float64Array): FieldStream {
    const [values, buckets, keys] = [this.#values, this.#buckets, this.#keys];
    return {
      size: (values === undefined ? 0 : 1) + (buckets?.count ?? 0),
      *[Symbol.iterator]() {
        if (values !== undefined) yield [VALUE_KEY, values.slots(0, scratch)] as const;
        for (let place = 0; buckets !== undefined && place < buckets.count; place += 1)
          yield [keys[place] ?? BUCKET_KEY, buckets.slots(place, scratch)] as const;
      },
    };
  }

  /** Columns of these ticks. */
  ticks(from: number, to: number): Fields {
    return this.#fieldsBy((columns, place) =>
      Float64Array.from({ length: to - from + 1 }, (_, index) => {
        const tick = from + index;
        return tick > this.#lastTick || tick <= this.#lastTick - TICKS ? Number.NaN : columns.tick(place, tick);
      }),
    );
  }

  /** A column of the current block as an earlier process saved it; a counter's total goes on from there. */
  restore(key: number, slots: Float64Array, block: number): void {
    this.startBlock(block);
    const last = slots.findLast((value) => !Number.isNaN(value));
    if (last === undefined) return;
    const resumed = this.kind === 'gauge' ? undefined : last;
    this.#resumed = true;
    if (key === VALUE_KEY) this.#value = resumed;
    else this.#totals[this.#place(key)] = resumed ?? 0;
    this.#columns();
    const [columns, place] = key === VALUE_KEY ? [this.#values, 0] : [this.#buckets, this.#places?.get(key) ?? 0];
    for (let slot = 0; slot < BLOCK_SLOTS; slot += 1) columns?.setSlot(place, slot, slots[slot] ?? Number.NaN);
  }

  /** Its columns lie in the file. Its totals begin anew, which queries take for a restart. */
  drop(): void {
    this.#value = undefined;
    this.#keys = [];
    this.#totals = [];
    this.#places = undefined;
    this.#values = undefined;
    this.#buckets = undefined;
    this.#lastTick = Number.NEGATIVE_INFINITY;
    this.#resumed = false;
  }

  /** With a column for each field. */
  #columns(): readonly Columns[] {
    if (this.#values === undefined) {
      this.#values = new Columns(1);
      this.#values.add();
    }
    if (this.#keys.length === 0) return [this.#values];
    this.#buckets ??= new Columns(this.#keys.length);
    while (this.#buckets.count < this.#keys.length) this.#buckets.add();
    return [this.#values, this.#buckets];
  }

  #fieldsBy(read: (columns: Columns, place: number) => Float64Array): Fields {
    const fields = new Map<number, Float64Array>();
    if (this.#values !== undefined) fields.set(VALUE_KEY, read(this.#values, 0));
    for (let place = 0; this.#buckets !== undefined && place < this.#buckets.count; place += 1)
      fields.set(this.#keys[place] ?? BUCKET_KEY, read(this.#buckets, place));
    return fields;
  }
}
