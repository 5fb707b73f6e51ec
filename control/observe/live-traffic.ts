/**
 * The live table: what agents reported in the last minutes, in memory. The last minute is held in slots of five seconds, ten minutes in slots of
 * a minute; both are bounded in edges, in octets of their texts and in octets of counts, which the workloads that count share: one that makes up
 * edges or answers fills a part of its own. It keeps nothing longer: that is a store's business
 * (`onSample`).
 */
import {
  ENTRY_OCTETS,
  FairRoom,
  type MonotonicClock,
  octetsOf,
  textOctets,
  type Timer,
  type WallClock,
} from '@weft/core/kernel';
import type { EdgeTraffic, TrafficHealth } from '@weft/core/documents';
import type { Exemplar } from '@weft/core/metrics';
import {
  type Edge,
  type EdgeAmounts,
  edgeKey,
  EXEMPLAR_AGE,
  FEW_EXEMPLARS,
  fewExemplars,
  GatheredCounts,
  otherEdge,
  reporterOf,
} from '@weft/core/traffic';
import { callsOnce } from './calls.ts';
import { type KnownEdge, OpenSlot, type PastSlot, type Source } from './slots.ts';
import { DEFAULT_WINDOW, LONGEST_WINDOW, SAMPLE_INTERVAL, type TrafficSample, type TrafficSource } from './source.ts';

/** Slots of SAMPLE_INTERVAL that are kept. */
const FINE_SLOTS = 12;
const MINUTE = FINE_SLOTS * SAMPLE_INTERVAL;
/** Octets of an edge without its texts: its places, that of its source, and exemplars as they come. */
const BARE_EDGE = 6 * ENTRY_OCTETS + FEW_EXEMPLARS * 224;
const MEBI = 1024 * 1024;
const MINUTE_SLOTS = LONGEST_WINDOW / MINUTE;

export interface LiveTrafficOptions {
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  /**
   * Edges that are remembered at most, octets of their texts and exemplars, and of counts; what is beyond is counted in `other`: 18 edges at most, one a side,
   * protocol and kind of security, which are beside these bounds. Defaults 20 000, 64 MiB, 256 MiB.
   */
  readonly maxEdges?: number;
  readonly edgesRoom?: number;
  readonly countsRoom?: number;
}

export class LiveTraffic implements TrafficSource {
  readonly #clock: MonotonicClock;
  readonly #wall: WallClock;
  /** Edges, and their octets; those of `other` are beside them. */
  readonly #number: FairRoom;
  readonly #texts: FairRoom;
  readonly #countsRoom: number;
  readonly #edges = new Map<string, KnownEdge>();
  readonly #sources = new Map<string, Source>();
  readonly #listeners = new Set<(sample: TrafficSample) => void>();
  readonly #current: OpenSlot;
  readonly #minute: OpenSlot;
  /** Of the minute, without the current slot. */
  #minuteSeconds = 0;
  readonly #fine: PastSlot[] = [];
  readonly #minutes: PastSlot[] = [];
  /** Of the current slot, while somebody listens. */
  #exemplars = new Map<Edge, readonly Exemplar[]>();
  #timer: Timer | undefined;
  #reporters = 0;
  #overflow = 0;
  #refused = 0;
  /** Octets of intervals that are over. */
  #pastOctets = 0;

  constructor({ clock, wall, maxEdges = 20_000, edgesRoom = 64 * MEBI, countsRoom = 256 * MEBI }: LiveTrafficOptions) {
    this.#clock = clock;
    this.#wall = wall;
    this.#number = new FairRoom(maxEdges);
    this.#texts = new FairRoom(edgesRoom);
    this.#countsRoom = countsRoom;
    this.#current = new OpenSlot(clock.now());
    this.#minute = new OpenSlot(clock.now());
  }

  start(): void {
    this.#current.start = this.#clock.now();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  get health(): TrafficHealth {
    return {
      reporters: this.#reporters,
      edges: this.#edges.size,
      octets: this.#texts.taken + this.#countOctets(),
      overflow: this.#overflow,
      refused: this.#refused,
    };
  }

  /** Octets that it takes at most, beside the edges of `other`. */
  get room(): number {
    return this.#texts.room + this.#countsRoom;
  }

  /** Rows of one report. */
  add(rows: readonly EdgeAmounts[]): void {
    const now = this.#wall.now();
    for (const { edge, counts, exemplars } of rows) {
      const known = this.#place(edge);
      known.lastSeen = now;
      this.#current.add(known, counts);
      if (exemplars !== undefined && this.#listeners.size > 0) this.#exemplify(known.edge, exemplars, now);
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
    return [...this.rows(windowMs, 'all')];
  }

  calls(windowMs = DEFAULT_WINDOW): readonly EdgeTraffic[] {
    return [...this.rows(windowMs, 'once')];
  }

  *rows(windowMs: number, which: 'all' | 'once'): Generator<EdgeTraffic> {
    const { open, past, seconds } = this.#window(Math.min(Math.max(windowMs, SAMPLE_INTERVAL), LONGEST_WINDOW));
    /** Of each edge where its rows are: slot of `past`, row, and so on. */
    const places = new Map<KnownEdge, number[]>();
    for (const { edges } of open) for (const known of edges) places.set(known, []);
    for (const [slot, { edges }] of past.entries())
      for (const [row, known] of edges.entries()) {
        const held = places.get(known);
        if (held === undefined) places.set(known, [slot, row]);
        else held.push(slot, row);
      }
    const wanted = which === 'all' ? undefined : callsOnce([...places.keys()].map(({ edge }) => edge));
    const sum = new GatheredCounts();
    for (const [known, held] of places) {
      const { edge, lastSeen } = known;
      if (wanted !== undefined && !wanted.has(edge)) continue;
      sum.clear();
      for (const slot of open) slot.mergeInto(sum, known);
      for (let at = 0; at < held.length; at += 2) {
        const slot = past[held[at] ?? 0];
        if (slot !== undefined) sum.mergeRow(slot.counts, held[at + 1] ?? 0);
      }
      yield { edge, counts: sum.counts(), seconds, lastSeen };
    }
  }

  onSample(listener: (sample: TrafficSample) => void): { close(): void } {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  /** A reporter's clock is not believed to be ahead of ours. */
  #exemplify(edge: Edge, exemplars: readonly Exemplar[], now: number): void {
    const recent = exemplars
      .filter(({ at }) => at >= now - EXEMPLAR_AGE)
      .map((exemplar) => ({ ...exemplar, at: Math.min(exemplar.at, now) }));
    if (recent.length > 0) this.#exemplars.set(edge, fewExemplars([...(this.#exemplars.get(edge) ?? []), ...recent]));
  }

  #countOctets(): number {
    return this.#pastOctets + this.#minute.octets + this.#current.octets;
  }

  /**
   * Whether counts of this source have room still, which is when as much is free as it has (FairRoom); free is what the end of the present
   * intervals leaves, when they are there twice for a moment.
   */
  #countsFit({ counts }: Source): boolean {
    return counts + this.#countOctets() + this.#minute.octets + 2 * this.#current.octets <= this.#countsRoom;
  }

  #currentSeconds(): number {
    return (this.#clock.now() - this.#current.start) / 1000;
  }

  /** Newest first, until they cover the window. */
  #window(windowMs: number): { open: OpenSlot[]; past: PastSlot[]; seconds: number } {
    const long = windowMs > MINUTE;
    const open = long ? [this.#current, this.#minute] : [this.#current];
    const past: PastSlot[] = [];
    let seconds = this.#currentSeconds() + (long ? this.#minuteSeconds : 0);
    for (const slot of (long ? this.#minutes : this.#fine).toReversed()) {
      if (seconds * 1000 >= windowMs - 1) break;
      past.push(slot);
      seconds += slot.seconds;
    }
    return { open, past, seconds };
  }

  #arm(): void {
    this.#timer = this.#clock.after(SAMPLE_INTERVAL, () => {
      this.#arm();
      this.#turn();
    });
  }

  /** The current slot is over. */
  #turn(): void {
    const seconds = Math.max(this.#currentSeconds(), 0.001);
    this.#current.mergeAllInto(this.#minute);
    const over = this.#current.close(seconds, this.#clock.now());
    this.#keep(this.#fine, over, FINE_SLOTS);
    this.#minuteSeconds += seconds;
    if (this.#minuteSeconds * 1000 >= MINUTE - SAMPLE_INTERVAL / 2) {
      this.#keep(this.#minutes, this.#minute.close(this.#minuteSeconds, this.#clock.now()), MINUTE_SLOTS);
      this.#minuteSeconds = 0;
      this.#forget();
    }
    const exemplars = this.#exemplars;
    if (exemplars.size > 0) this.#exemplars = new Map();
    if (this.#listeners.size === 0) return;
    const edges = over.edges.map(({ edge }) => edge);
    const sample: TrafficSample = { at: this.#wall.now(), seconds, edges, counts: over.counts, exemplars };
    for (const listener of this.#listeners) listener(sample);
  }

  #keep(slots: PastSlot[], over: PastSlot, most: number): void {
    slots.push(over);
    this.#pastOctets += over.octets;
    const gone = slots.length > most ? slots.shift() : undefined;
    if (gone === undefined) return;
    this.#pastOctets -= gone.octets;
    for (const [source, octets] of gone.shares) source.counts -= octets;
  }

  /** Edges of which no slot holds anything any more. */
  #forget(): void {
    const held = new Set<KnownEdge>();
    for (const { edges } of [this.#current, this.#minute, ...this.#fine, ...this.#minutes])
      for (const known of edges) held.add(known);
    for (const [key, known] of this.#edges)
      if (!held.has(known)) {
        this.#edges.delete(key);
        const { identity } = known.source;
        if (known.source === OTHERS) continue;
        this.#number.add(identity, -1);
        this.#texts.add(identity, -known.octets);
        if (this.#number.of(identity) === 0) this.#sources.delete(identity);
      }
  }

  /** Where its counts go. */
  #place(edge: Edge): KnownEdge {
    const key = edgeKey(edge);
    const known = this.#edges.get(key) ?? this.#remember(edge, key);
    if (known !== undefined && this.#countsFit(known.source)) return known;
    this.#overflow += 1;
    const other = otherEdge(edge);
    const otherKey = edgeKey(other);
    let rest = this.#edges.get(otherKey);
    if (rest === undefined) {
      rest = { edge: other, source: OTHERS, key: otherKey, octets: 0, lastSeen: 0 };
      this.#edges.set(otherKey, rest);
    }
    return rest;
  }

  /** undefined: it has no room. */
  #remember(edge: Edge, key: string): KnownEdge | undefined {
    const identity = reporterOf(edge);
    const octets = BARE_EDGE + octetsOf(edge) + textOctets(key);
    if (!this.#number.fits(identity, 1) || !this.#texts.fits(identity, octets)) return undefined;
    const source = this.#sources.get(identity) ?? { identity, counts: 0 };
    if (!this.#countsFit(source)) return undefined;
    this.#sources.set(identity, source);
    this.#number.add(identity, 1);
    this.#texts.add(identity, octets);
    const known: KnownEdge = { edge, source, key, octets, lastSeen: 0 };
    this.#edges.set(key, known);
    return known;
  }
}

/** Of all edges of `other`, of every table; nobody asks what they have. */
const OTHERS: Source = { identity: 'other', counts: 0 };
