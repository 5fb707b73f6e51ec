/** A series as the store holds it: running totals that grow by amounts, gauges, or duration histograms. */
import type { Fields } from './block-codec.ts';
import { Field } from './field.ts';
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
  /** Running totals, or a gauge's last value, by key. */
  readonly totals = new Map<number, number>();
  readonly fields = new Map<number, Field>();
  /** Tick of the last change. */
  changed = Number.NEGATIVE_INFINITY;
  /** Newest block that has something of it. */
  newest = Number.NEGATIVE_INFINITY;

  constructor(id: number, kind: SeriesKind, labels: Labels) {
    this.id = id;
    this.kind = kind;
    this.labels = labels;
  }

  /** Returns how many fields are new. */
  change(change: Change, room: number): number {
    const before = this.totals.size;
    if ('value' in change) {
      const base = this.kind === 'gauge' ? 0 : (this.totals.get(VALUE_KEY) ?? 0);
      this.totals.set(VALUE_KEY, base + change.value);
      return this.totals.size - before;
    }
    this.#add(VALUE_KEY, change.sum, Number.POSITIVE_INFINITY);
    for (const [index, count] of change.buckets) this.#add(BUCKET_KEY + index, count, before + room);
    return this.totals.size - before;
  }

  /** Beyond `limit` keys a count goes to the nearest bucket that is there. */
  #add(key: number, amount: number, limit: number): void {
    const known = this.totals.get(key);
    if (known === undefined && this.totals.size >= limit) {
      const nearest = [...this.totals.keys()]
        .filter((each) => each !== VALUE_KEY)
        .reduce((a, b) => (Math.abs(b - key) < Math.abs(a - key) ? b : a), Number.POSITIVE_INFINITY);
      if (nearest !== Number.POSITIVE_INFINITY) this.totals.set(nearest, (this.totals.get(nearest) ?? 0) + amount);
      return;
    }
    this.totals.set(key, (known ?? 0) + amount);
  }

  write(tick: number): void {
    for (const [key, value] of this.totals) {
      let field = this.fields.get(key);
      if (field === undefined) {
        field = new Field();
        this.fields.set(key, field);
      }
      field.write(tick, value);
    }
  }

  /** Columns of the current block. */
  slots(): Fields {
    return new Map([...this.fields].map(([key, field]) => [key, field.slots]));
  }

  /** A column of the current block as an earlier process saved it; a counter's total goes on from there. */
  restore(key: number, slots: Float64Array, block: number): void {
    const field = new Field();
    field.startBlock(block);
    field.slots.set(slots);
    this.fields.set(key, field);
    const last = slots.findLast((value) => !Number.isNaN(value));
    if (last !== undefined && this.kind !== 'gauge') this.totals.set(key, last);
  }
}
