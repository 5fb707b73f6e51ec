/**
 * All that one proxy counted, by edge and answer. Bounded: beyond `maxSeries` rows that were long idle go, and if there are none new ones are
 * counted in `other`. It hands out what was counted since the last time (`take`), takes in what another table handed out (`absorb`), and shows
 * Istio's metrics (`families`). Totals only grow while their labels live.
 */
import type { MonotonicClock } from '../kernel/index.ts';
import type { Exemplar, FamilySnapshot } from '../metrics/index.ts';
import { edgeKey, type Edge, otherEdge } from './edge.ts';
import { EXEMPLAR_AGE } from './exemplars.ts';
import { istioFamilies, labelGroup } from './families.ts';
import { Series, type SeriesName } from './series.ts';

/** What was counted of one row since it was taken last. */
export interface SeriesAmounts extends SeriesName {
  readonly key: string;
  /** Of HTTP_CELLS or TCP_CELLS; only what is not 0. */
  readonly cells: readonly (readonly [index: number, amount: number])[];
  /** Of durations, that are new; absent: none. */
  readonly exemplars?: readonly Exemplar[];
}

export interface TableOptions {
  readonly clock: MonotonicClock;
  /** Default 2000: 4 kB each. */
  readonly maxSeries?: number;
  /** ms without a count after which a row may go; default an hour. */
  readonly expiry?: number;
}

export class TrafficTable {
  readonly #clock: MonotonicClock;
  readonly #maxSeries: number;
  readonly #expiry: number;
  readonly #series = new Map<string, Series>();
  /** Those that count the same Istio labels: a label set goes as a whole, so that its totals never fall. */
  readonly #groups = new Map<string, Set<Series>>();
  /** Busy since `#look`. */
  #busy: Series[] = [];
  /** Counted since `take`. */
  readonly #untaken = new Set<Series>();
  /** Somebody takes: what was not taken yet is not forgotten. */
  #takes = false;
  #overflow = 0;
  #lookedForRoom = Number.NEGATIVE_INFINITY;

  constructor({ clock, maxSeries = 2000, expiry = 3_600_000 }: TableOptions) {
    this.#clock = clock;
    this.#maxSeries = maxSeries;
    this.#expiry = expiry;
  }

  /** Row names that there was no room for. */
  get overflow(): number {
    return this.#overflow;
  }

  get size(): number {
    return this.#series.size;
  }

  /** The row of that name, made when it is new. It may be kept, and used for as long as one likes. */
  series(edge: Edge, code: number, grpc: number, flags: string): Series {
    return this.#find({ edge, code, grpc, flags }, `${code} ${grpc} ${flags}\u0000${edgeKey(edge)}`);
  }

  /** Amounts since the last call. */
  take(): SeriesAmounts[] {
    this.#takes = true;
    this.#look();
    const amounts: SeriesAmounts[] = [];
    for (const series of this.#untaken) {
      const { cells } = series;
      series.sent ??= new Float64Array(cells.length);
      const { sent } = series;
      const changed: [number, number][] = [];
      for (let index = 0; index < cells.length; index += 1) {
        const amount = (cells[index] ?? 0) - (sent[index] ?? 0);
        if (amount !== 0) changed.push([index, amount]);
      }
      sent.set(cells);
      const exemplars = series.exemplars?.takeFresh() ?? [];
      amounts.push({
        ...series.name,
        key: series.key,
        cells: changed,
        ...(exemplars.length === 0 ? {} : { exemplars }),
      });
    }
    this.#untaken.clear();
    return amounts;
  }

  /** Adds what another table of this process took. */
  absorb(amounts: readonly SeriesAmounts[]): void {
    for (const { key, cells, edge, code, grpc, flags, exemplars = [] } of amounts) {
      const series = this.#find({ edge, code, grpc, flags }, key);
      for (const [index, amount] of cells) series.cells[index] = (series.cells[index] ?? 0) + amount;
      for (const { traceId, value, at } of exemplars) series.traced(traceId, value, at);
      if (series.idle) series.wake();
    }
  }

  /** Istio's standard metrics. Forgets label sets of which nothing was counted for long, and exemplars that are old at `now` (Unix ms). */
  families(now = 0): FamilySnapshot[] {
    this.#look();
    this.#forget();
    for (const { exemplars } of this.#series.values()) exemplars?.forget(now - EXEMPLAR_AGE);
    return istioFamilies([...this.#groups.values()].map((group) => [...group]));
  }

  #find(name: SeriesName, key: string): Series {
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (this.#series.size >= this.#maxSeries) this.#makeRoom();
    if (this.#series.size < this.#maxSeries) return this.#make(name, key);
    this.#overflow += 1;
    const other = coarse(name);
    const otherKey = `other\u0000${other.code} ${other.grpc}\u0000${edgeKey(other.edge)}`;
    return this.#series.get(otherKey) ?? this.#make(other, otherKey);
  }

  #make(name: SeriesName, key: string): Series {
    const series = new Series(name, key, labelGroup(name), (woken) => this.#woke(woken));
    series.lastUsed = this.#clock.now();
    this.#keep(series);
    return series;
  }

  #keep(series: Series): void {
    if (!this.#series.has(series.key)) this.#series.set(series.key, series);
    const group = this.#groups.get(series.label);
    if (group === undefined) this.#groups.set(series.label, new Set([series]));
    else group.add(series);
  }

  /** It may have been forgotten while somebody kept it: it goes on from where it was. */
  #woke(series: Series): void {
    this.#keep(series);
    this.#busy.push(series);
  }

  #look(): void {
    const now = this.#clock.now();
    for (const series of this.#busy) {
      series.idle = true;
      series.lastUsed = now;
      this.#untaken.add(series);
    }
    this.#busy = [];
  }

  #forget(): void {
    const before = this.#clock.now() - this.#expiry;
    for (const [label, group] of this.#groups) {
      if ([...group].some((series) => this.#living(series, before))) continue;
      for (const series of group) {
        if (this.#series.get(series.key) === series) this.#series.delete(series.key);
        this.#untaken.delete(series);
      }
      this.#groups.delete(label);
    }
  }

  #living(series: Series, before: number): boolean {
    return !series.idle || series.lastUsed > before || (this.#takes && this.#untaken.has(series));
  }

  /** At most once a second, however many new names come. */
  #makeRoom(): void {
    const now = this.#clock.now();
    if (now - this.#lookedForRoom < 1000) return;
    this.#lookedForRoom = now;
    this.#look();
    this.#forget();
  }
}

/** By class of answer, so that there are few of them. */
const coarse = ({ edge, code, grpc }: SeriesName): SeriesName => ({
  edge: otherEdge(edge),
  code: Math.floor(Math.min(code, 599) / 100) * 100,
  grpc: grpc < 0 ? -1 : grpc === 0 ? 0 : 2,
  flags: '',
});
