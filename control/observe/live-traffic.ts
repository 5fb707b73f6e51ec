/**
 * The live table: what agents reported in the last minutes, in memory. The last minute is held in slots of five seconds, ten minutes in slots of
 * a minute; both are bounded in edges. It keeps nothing longer: that is a store's business (`onSample`).
 */
import type { MonotonicClock, Timer, WallClock } from '@weft/core/kernel';
import type { EdgeTraffic, TrafficHealth, TrafficRow } from '@weft/core/documents';
import { type Edge, edgeKey, GatheredCounts, otherEdge } from '@weft/core/traffic';
import { callsOnce } from './calls.ts';
import { DEFAULT_WINDOW, LONGEST_WINDOW, SAMPLE_INTERVAL, type TrafficSample, type TrafficSource } from './source.ts';

/** Slots of SAMPLE_INTERVAL that are kept. */
const FINE_SLOTS = 12;
const MINUTE = FINE_SLOTS * SAMPLE_INTERVAL;
const MINUTE_SLOTS = LONGEST_WINDOW / MINUTE;

interface KnownEdge {
  readonly edge: Edge;
  readonly key: string;
  /** Unix ms. */
  lastSeen: number;
}

/** What was counted in an interval; `seconds` long once it is over. */
interface Slot {
  readonly start: number;
  seconds: number;
  readonly rows: Map<KnownEdge, GatheredCounts>;
}

export interface LiveTrafficOptions {
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  /** Edges that are remembered at most; what is beyond is counted in `other`. Default 20 000. */
  readonly maxEdges?: number;
}

export class LiveTraffic implements TrafficSource {
  readonly #clock: MonotonicClock;
  readonly #wall: WallClock;
  readonly #maxEdges: number;
  readonly #edges = new Map<string, KnownEdge>();
  readonly #listeners = new Set<(sample: TrafficSample) => void>();
  #current: Slot;
  #minute: Slot;
  #fine: Slot[] = [];
  #minutes: Slot[] = [];
  #timer: Timer | undefined;
  #reporters = 0;
  #overflow = 0;
  #refused = 0;

  constructor({ clock, wall, maxEdges = 20_000 }: LiveTrafficOptions) {
    this.#clock = clock;
    this.#wall = wall;
    this.#maxEdges = maxEdges;
    this.#current = this.#slot();
    this.#minute = this.#slot();
  }

  start(): void {
    this.#current = this.#slot();
    this.#minute = this.#slot();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  get health(): TrafficHealth {
    return { reporters: this.#reporters, edges: this.#edges.size, overflow: this.#overflow, refused: this.#refused };
  }

  /** Rows of one report. */
  add(rows: readonly TrafficRow[]): void {
    const now = this.#wall.now();
    for (const { edge, counts } of rows) {
      const known = this.#known(edge);
      known.lastSeen = now;
      placeOf(this.#current.rows, known).add(counts);
    }
  }

  reporterCame(): void {
    this.#reporters += 1;
  }

  reporterWent(): void {
    this.#reporters -= 1;
  }

  reportRefused(): void {
    this.#refused += 1;
  }

  edges(windowMs = DEFAULT_WINDOW): readonly EdgeTraffic[] {
    return this.#sums(windowMs, () => true);
  }

  calls(windowMs = DEFAULT_WINDOW): readonly EdgeTraffic[] {
    return this.#sums(windowMs, callsOnce);
  }

  /** `choose` says of the edges of a window which are wanted: amounts are added up of those alone. */
  #sums(windowMs: number, choose: (edges: Iterable<Edge>) => true | ReadonlySet<Edge>): EdgeTraffic[] {
    const slots = this.#window(Math.min(Math.max(windowMs, SAMPLE_INTERVAL), LONGEST_WINDOW));
    const seconds = slots.reduce((sum, slot) => sum + this.#secondsOf(slot), 0);
    const there = new Set(slots.flatMap(({ rows }) => [...rows.keys()]));
    const wanted = choose([...there].map(({ edge }) => edge));
    const sums: EdgeTraffic[] = [];
    for (const known of there) {
      const { edge, lastSeen } = known;
      if (wanted !== true && !wanted.has(edge)) continue;
      const sum = new GatheredCounts();
      for (const { rows } of slots) {
        const gathered = rows.get(known);
        if (gathered !== undefined) sum.merge(gathered);
      }
      sums.push({ edge, counts: sum.counts(), seconds, lastSeen });
    }
    return sums;
  }

  onSample(listener: (sample: TrafficSample) => void): { close(): void } {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  #slot(): Slot {
    return { start: this.#clock.now(), seconds: 0, rows: new Map() };
  }

  #secondsOf(slot: Slot): number {
    return slot.seconds === 0 ? (this.#clock.now() - slot.start) / 1000 : slot.seconds;
  }

  /** Newest first, until they cover the window. */
  #window(windowMs: number): Slot[] {
    const fine = [this.#current, ...this.#fine.toReversed()];
    const slots: Slot[] = [];
    let covered = 0;
    const take = (from: readonly Slot[]): void => {
      for (const slot of from) {
        if (covered >= windowMs - 1) return;
        slots.push(slot);
        covered += this.#secondsOf(slot) * 1000;
      }
    };
    if (windowMs <= MINUTE) take(fine);
    else {
      slots.push(this.#current, this.#minute);
      covered = (this.#secondsOf(this.#current) + this.#minute.seconds) * 1000;
      take(this.#minutes.toReversed());
    }
    return slots;
  }

  #arm(): void {
    this.#timer = this.#clock.after(SAMPLE_INTERVAL, () => {
      this.#arm();
      this.#turn();
    });
  }

  /** The current slot is over. */
  #turn(): void {
    const over = this.#current;
    over.seconds = Math.max((this.#clock.now() - over.start) / 1000, 0.001);
    this.#current = this.#slot();
    const rows =
      this.#listeners.size === 0
        ? []
        : [...over.rows].map(([{ edge }, gathered]) => ({ edge, counts: gathered.counts() }));
    for (const [known, gathered] of over.rows) placeOf(this.#minute.rows, known).merge(gathered);
    this.#minute.seconds += over.seconds;
    this.#fine.push(over);
    if (this.#fine.length > FINE_SLOTS) this.#fine.shift();
    if (this.#minute.seconds * 1000 >= MINUTE - SAMPLE_INTERVAL / 2) {
      this.#minutes.push(this.#minute);
      if (this.#minutes.length > MINUTE_SLOTS) this.#minutes.shift();
      this.#minute = this.#slot();
      this.#forget();
    }
    const sample: TrafficSample = { at: this.#wall.now(), seconds: over.seconds, rows };
    for (const listener of this.#listeners) listener(sample);
  }

  /** Edges of which no slot holds anything any more. */
  #forget(): void {
    const held = new Set<KnownEdge>();
    for (const { rows } of [this.#current, this.#minute, ...this.#fine, ...this.#minutes])
      for (const known of rows.keys()) held.add(known);
    for (const [key, known] of this.#edges) if (!held.has(known)) this.#edges.delete(key);
  }

  #known(edge: Edge): KnownEdge {
    const key = edgeKey(edge);
    const known = this.#edges.get(key);
    if (known !== undefined) return known;
    if (this.#edges.size >= this.#maxEdges) {
      const other = otherEdge(edge);
      this.#overflow += 1;
      const otherKey = edgeKey(other);
      return this.#edges.get(otherKey) ?? this.#remember(other, otherKey);
    }
    return this.#remember(edge, key);
  }

  #remember(edge: Edge, key: string): KnownEdge {
    const made = { edge, key, lastSeen: 0 };
    this.#edges.set(key, made);
    return made;
  }
}

function placeOf(rows: Map<KnownEdge, GatheredCounts>, known: KnownEdge): GatheredCounts {
  let gathered = rows.get(known);
  if (gathered === undefined) {
    gathered = new GatheredCounts();
    rows.set(known, gathered);
  }
  return gathered;
}
