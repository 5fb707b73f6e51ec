/**
 * The store of time series: the last five minutes by five seconds in memory, a day by thirty seconds in a file. Bounded in series, in octets of
 * their labels, in columns and in the file's size; what is beyond is dropped and counted. The workloads that count share the first three, each at most
 * what is free (FairRoom). Samples lie on one grid that all series share. Not for other threads:
 * `SeriesWorker` gives it one of its own.
 */
import { hash } from 'node:crypto';
import { FairRoom, octetsOf } from '@weft/core/kernel';
import type { FieldStream } from './block-codec.ts';
import { BlockFile } from './block-file.ts';
import { ExemplarStore } from './exemplar-store.ts';
import { BLOCK_SLOTS, BLOCKS, blockOf, SLOT, slotOf, TICK, tickOf, TICKS } from './grid.ts';
import { SeriesIndex } from './index-by-name.ts';
import { Labels, type Matcher, type SampledSeries, type SeriesSource } from '../query/index.ts';
import { blockSegment, type Segment, tickSegment } from './segments.ts';
import { type Change, type SeriesKind, StoredSeries } from './stored-series.ts';

export interface SeriesStoreOptions {
  /** Path, or `:memory:`. */
  readonly file: string;
  /** Octets of the file; default 512 MiB. Half hours are dropped from the oldest on. */
  readonly fileLimit?: number;
  /** Series at once; default 50 000. */
  readonly maxSeries?: number;
  /** Octets of series without their columns, counted as if no label was shared; default 192 MiB. */
  readonly labelsRoom?: number;
  /** Exemplars of all series in memory; default 20 000, about 5 MB. */
  readonly maxExemplars?: number;
  /** Columns in memory at once (a histogram has one for each bucket that held something); default 150 000, about 150 MB. */
  readonly maxFields?: number;
}

export interface StoreHealth {
  readonly series: number;
  readonly fields: number;
  /** Octets of series without their columns, what they may be, and octets of the file. */
  readonly labelOctets: number;
  readonly labelsRoom: number;
  readonly fileSize: number;
  /** Changes of series that there was no room for. */
  readonly dropped: number;
  /** Samples that came late: their tick was told already. */
  readonly late: number;
  /** Why the file could not be written or read last, '' when all is well. */
  readonly failure: string;
}

export interface SeriesChange {
  readonly series: StoredSeries;
  readonly change: Change;
}

/** A counter or histogram that nothing was added to for so long is told no more (ticks: ten minutes). */
const IDLE_TICKS = 120;
/** ms between two writes of the current block; what a crash can lose. */
const SAVE_EVERY = 300_000;

const MEBI = 1024 * 1024;
/** Octets of a series without its labels and columns: itself, and its places in the indices. */
const SERIES_OCTETS = 1024;

export class SeriesStore implements SeriesSource {
  readonly exemplars: ExemplarStore;
  readonly #file: BlockFile;
  /** Series, octets of their labels, and columns. */
  readonly #number: FairRoom;
  readonly #labels: FairRoom;
  readonly #fields: FairRoom;
  /** By a digest of their labels, which as text take a kilobyte a series. */
  readonly #byKey = new Map<string, StoredSeries>();
  readonly #index = new SeriesIndex();
  #nextId = 1;
  #dropped = 0;
  #late = 0;
  #failure = '';
  #tick = Number.NEGATIVE_INFINITY;
  #block = Number.NEGATIVE_INFINITY;
  #savedAt = Number.NEGATIVE_INFINITY;

  constructor({
    file,
    fileLimit = 512 * MEBI,
    maxSeries = 50_000,
    labelsRoom = 192 * MEBI,
    maxFields = 150_000,
    maxExemplars = 20_000,
  }: SeriesStoreOptions) {
    this.#file = new BlockFile(file, fileLimit);
    this.#number = new FairRoom(maxSeries);
    this.#labels = new FairRoom(labelsRoom);
    this.#fields = new FairRoom(maxFields);
    this.exemplars = new ExemplarStore(maxExemplars);
    if (this.#file.putAside !== undefined) this.#failure = `${this.#file.putAside}; it was put aside`;
    this.#nextId = this.#file.freeId();
    // What has no room stays in the file until it is a day old: the store does not know it.
    for (const { id, kind, labels: text, newest } of this.#file.series()) {
      const labels = labelsOf(text);
      if (!this.#fits(labels)) {
        this.#dropped += 1;
        continue;
      }
      const series = new StoredSeries(id, kind, labels, sourceOf(labels));
      series.newest = newest;
      this.#known(series);
    }
  }

  get health(): StoreHealth {
    return {
      series: this.#byKey.size,
      fields: this.#fields.taken,
      labelOctets: this.#labels.taken,
      labelsRoom: this.#labels.room,
      fileSize: this.#file.size(),
      dropped: this.#dropped,
      late: this.#late,
      failure: this.#failure,
    };
  }

  /** The series of these labels; undefined when there is no room for another. */
  series(kind: SeriesKind, labels: Labels): StoredSeries | undefined {
    const known = this.#byKey.get(digest(labels));
    if (known !== undefined) return known;
    if (!this.#fits(labels)) {
      this.#dropped += 1;
      return undefined;
    }
    const made = new StoredSeries(this.#nextId, kind, labels, sourceOf(labels));
    this.#nextId += 1;
    this.#known(made);
    return made;
  }

  /** Whether the store still holds it: one without samples for a day goes. */
  holds(series: StoredSeries): boolean {
    return series.held;
  }

  /** One sample of everything, `at` in Unix ms. A gauge that is not among the changes is not told; counters and histograms live on a while. */
  record(at: number, changes: Iterable<SeriesChange>): void {
    const tick = tickOf(at);
    if (tick <= this.#tick) {
      // Two samples of one tick, or a clock that went back: amounts must not be lost, times must ascend.
      this.#late += 1;
      for (const { series, change } of changes) this.#change(series, change, this.#tick);
      return;
    }
    const block = blockOf(slotOf(tick));
    if (block !== this.#block) this.#startBlock(block);
    this.#tick = tick;
    for (const { series, change } of changes) this.#change(series, change, tick);
    for (const series of this.#byKey.values()) {
      const told = series.kind === 'gauge' ? series.changed === tick : series.changed > tick - IDLE_TICKS;
      if (!told) continue;
      series.write(tick);
      series.newest = block;
    }
    if (at - this.#savedAt >= SAVE_EVERY) this.save(at);
  }

  /** Writes what the current block has to the file. */
  save(at: number): void {
    this.#savedAt = at;
    try {
      this.#file.write(this.#block, this.#entries(), this.#block - BLOCKS);
      this.#failure = '';
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
  }

  /** What the current block has, series by series: all of it at once would be as much again as the store takes. */
  *#entries(): Generator<{ id: number; kind: SeriesKind; labels: string; fields: FieldStream }> {
    const scratch = new Float64Array(BLOCK_SLOTS);
    for (const series of this.#byKey.values()) {
      const { id, kind, labels, newest } = series;
      if (newest !== this.#block) continue;
      const fields = series.slotStream(scratch);
      if (fields.size > 0) yield { id, kind, labels: labels.key, fields };
    }
  }

  close(): void {
    if (this.#block !== Number.NEGATIVE_INFINITY) this.save(this.#tick * TICK);
    this.#file.close();
  }

  select(matchers: readonly Matcher[], from: number, to: number): readonly SampledSeries[] {
    return this.#index.select(matchers, (series) => this.#segments(series, from, to));
  }

  /** Every series by its labels as queries see them, without `le`. */
  labels(matchers: readonly Matcher[]): Labels[] {
    return this.#index.labels(matchers);
  }

  #fits(labels: Labels): boolean {
    const source = sourceOf(labels);
    return this.#number.fits(source, 1) && this.#labels.fits(source, labelOctets(labels));
  }

  #known(series: StoredSeries): void {
    this.#byKey.set(digest(series.labels), series);
    this.#number.add(series.source, 1);
    this.#labels.add(series.source, labelOctets(series.labels));
    this.#index.add(series);
  }

  #change(series: StoredSeries, change: Change, tick: number): void {
    const room = this.#fields.free(series.source);
    if (room === 0 && series.fields === 0) {
      this.#dropped += 1;
      return;
    }
    const more = series.change(change, room);
    if (more > 0) this.#fields.add(series.source, more);
    series.changed = tick;
  }

  #startBlock(block: number): void {
    const first = this.#block === Number.NEGATIVE_INFINITY;
    if (!first) this.save(this.#tick * TICK);
    this.#block = block;
    for (const series of this.#byKey.values()) {
      if (series.newest < block - BLOCKS && series.newest !== Number.NEGATIVE_INFINITY) {
        this.#forget(series);
      } else if (!first && series.kind !== 'gauge' && series.changed <= this.#tick - IDLE_TICKS) {
        this.#fields.add(series.source, -series.fields);
        series.drop();
      }
      series.startBlock(block);
    }
    if (first) this.#resume(block);
  }

  /** After a restart within a block: what was saved of it must not be overwritten by the rest. */
  #resume(block: number): void {
    for (const series of this.#byKey.values()) {
      if (series.newest !== block) continue;
      const [saved] = this.#file.blocks(series.id, block, block);
      if (saved !== undefined && !this.#fields.fits(series.source, saved.fields.size)) {
        this.#dropped += 1;
        continue;
      }
      for (const [key, slots] of saved?.fields ?? []) series.restore(key, slots, block);
      this.#fields.add(series.source, series.fields);
    }
  }

  #forget(series: StoredSeries): void {
    this.#byKey.delete(digest(series.labels));
    this.#number.add(series.source, -1);
    this.#labels.add(series.source, -labelOctets(series.labels));
    series.held = false;
    this.#index.remove(series);
    this.#fields.add(series.source, -series.fields);
  }

  /** Finished blocks from the file, the current block's slots, then the ticks as far as they reach back. */
  #segments(series: StoredSeries, from: number, to: number): Segment[] {
    const first = this.#firstTick(series);
    const ticks = {
      from: Math.max(first, Math.floor(from / TICK) + 1),
      to: Math.min(this.#tick, Math.floor(to / TICK)),
    };
    // Where there are ticks, slots of the same time are not told again. A slot of the future is one that is not over.
    const until = Math.min(to, first * TICK - 1, this.#tick * TICK);
    const blocks = {
      from: Math.max(blockOf(Math.floor(from / SLOT)), this.#block - BLOCKS),
      to: Math.min(blockOf(Math.floor(until / SLOT)), this.#block),
    };
    const segments: Segment[] = [];
    if (blocks.from < this.#block && blocks.from <= blocks.to)
      for (const { block, fields } of this.#file.blocks(series.id, blocks.from, Math.min(blocks.to, this.#block - 1)))
        segments.push(blockSegment(block, fields, from, until));
    if (series.newest === this.#block && blocks.to === this.#block)
      segments.push(blockSegment(this.#block, series.slots(), from, until));
    if (ticks.from <= ticks.to) segments.push(tickSegment(series, ticks.from, ticks.to));
    return segments;
  }

  /** The oldest tick that is held of a series; infinite when none is. */
  #firstTick(series: StoredSeries): number {
    for (let tick = this.#tick - TICKS + 1; tick <= this.#tick; tick += 1) if (series.holdsTick(tick)) return tick;
    return Number.POSITIVE_INFINITY;
  }
}

const labelOctets = ({ pairs }: Labels): number => SERIES_OCTETS + octetsOf(pairs);

/** Who counted it, by identity; '': the control plane itself. */
const sourceOf = (labels: Labels): string => {
  const reporter = labels.get('reporter');
  return reporter === '' ? '' : labels.get(`${reporter}_principal`);
};

/** Of 128 bits: two series do not meet in it. */
const digest = (labels: Labels): string => hash('sha256', labels.key, 'base64').slice(0, 22);

const labelsOf = (key: string): Labels => Labels.of(JSON.parse(key) as [string, string][]);
