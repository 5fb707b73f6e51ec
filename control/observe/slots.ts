/** Intervals of the live table: one that is being counted, and those that are over, packed. Pure. */
import { type Edge, GatheredCounts, PackedCounts } from '@weft/core/traffic';

export interface KnownEdge {
  readonly edge: Edge;
  readonly key: string;
  /** Unix ms. */
  lastSeen: number;
}

/** An interval that is over. */
export interface PastSlot {
  readonly seconds: number;
  /** Of each row. */
  readonly edges: readonly KnownEdge[];
  readonly counts: PackedCounts;
}

/** Gatherers that are used again and again: interval after interval makes nothing new while the edges are the same. */
export class OpenSlot {
  /** Monotonic ms. */
  start: number;
  readonly #rows = new Map<KnownEdge, GatheredCounts>();
  readonly #unused: GatheredCounts[] = [];

  constructor(start: number) {
    this.start = start;
  }

  get edges(): Iterable<KnownEdge> {
    return this.#rows.keys();
  }

  of(known: KnownEdge): GatheredCounts {
    let gathered = this.#rows.get(known);
    if (gathered === undefined) {
      gathered = this.#unused.pop() ?? new GatheredCounts();
      this.#rows.set(known, gathered);
    }
    return gathered;
  }

  mergeInto(sum: GatheredCounts, known: KnownEdge): void {
    const gathered = this.#rows.get(known);
    if (gathered !== undefined) sum.merge(gathered);
  }

  mergeAllInto(other: OpenSlot): void {
    for (const [known, gathered] of this.#rows) other.of(known).merge(gathered);
  }

  /** What it has is over, and it begins anew. */
  close(seconds: number, now: number): PastSlot {
    const counts = new PackedCounts();
    const edges: KnownEdge[] = [];
    this.#unused.length = 0;
    for (const [known, gathered] of this.#rows) {
      edges.push(known);
      gathered.pack(counts);
      gathered.clear();
      this.#unused.push(gathered);
    }
    this.#rows.clear();
    counts.done();
    this.start = now;
    return { seconds, edges, counts };
  }
}
