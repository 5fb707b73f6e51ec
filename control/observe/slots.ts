/** Intervals of the live table: one that is being counted, and those that are over, packed. Pure. */
import { ENTRY_OCTETS } from '@weft/core/kernel';
import { type Edge, GatheredCounts, PackedCounts, type TrafficCounts } from '@weft/core/traffic';

/** Who counts edges: a workload by its identity. */
export interface Source {
  readonly identity: string;
  /** Octets of counts of its edges, in all intervals. */
  counts: number;
}

export interface KnownEdge {
  readonly edge: Edge;
  readonly source: Source;
  readonly key: string;
  /** What it takes in memory. */
  readonly octets: number;
  /** Unix ms. */
  lastSeen: number;
}

/** An interval that is over. */
export interface PastSlot {
  readonly seconds: number;
  /** Of each row. */
  readonly edges: readonly KnownEdge[];
  readonly counts: PackedCounts;
  /** What it takes in memory, and what each source has of it. */
  readonly octets: number;
  readonly shares: ReadonlyMap<Source, number>;
}

/** Octets of a row beside its counts. */
const ROW_OCTETS = ENTRY_OCTETS;
/** A gatherer that takes more is not used again: one that had much to hold once would take it for ever. */
const USED_AGAIN = 4096;

/** Gatherers that are used again and again: interval after interval makes nothing new while the edges are the same. */
export class OpenSlot {
  /** Monotonic ms. */
  start: number;
  readonly #rows = new Map<KnownEdge, GatheredCounts>();
  readonly #unused: GatheredCounts[] = [];
  /** Of rows, and of gatherers that are not used. */
  #octets = 0;

  constructor(start: number) {
    this.start = start;
  }

  get edges(): Iterable<KnownEdge> {
    return this.#rows.keys();
  }

  /** What it takes in memory. */
  get octets(): number {
    return this.#octets;
  }

  add(known: KnownEdge, counts: TrafficCounts): void {
    this.#change(known, (gathered) => gathered.add(counts));
  }

  mergeInto(sum: GatheredCounts, known: KnownEdge): void {
    const gathered = this.#rows.get(known);
    if (gathered !== undefined) sum.merge(gathered);
  }

  mergeAllInto(other: OpenSlot): void {
    for (const [known, gathered] of this.#rows) other.#change(known, (into) => into.merge(gathered));
  }

  #change(known: KnownEdge, change: (gathered: GatheredCounts) => void): void {
    let gathered = this.#rows.get(known);
    if (gathered === undefined) {
      const unused = this.#unused.pop();
      gathered = unused ?? new GatheredCounts();
      this.#rows.set(known, gathered);
      this.#octets += ROW_OCTETS + (unused === undefined ? gathered.octets : 0);
      known.source.counts += ROW_OCTETS + gathered.octets;
    }
    const before = gathered.octets;
    change(gathered);
    const more = gathered.octets - before;
    this.#octets += more;
    known.source.counts += more;
  }

  /** What it has is over, and it begins anew. Its sources have what the interval takes that is returned, until that goes. */
  close(seconds: number, now: number): PastSlot {
    const counts = new PackedCounts();
    const edges: KnownEdge[] = [];
    const shares = new Map<Source, number>();
    this.#unused.length = 0;
    this.#octets = 0;
    for (const [known, gathered] of this.#rows) {
      edges.push(known);
      const before = counts.written;
      gathered.pack(counts);
      const { source } = known;
      const had = shares.get(source);
      const share = ROW_OCTETS + counts.written - before + (had === undefined ? ENTRY_OCTETS : 0);
      source.counts += share - ROW_OCTETS - gathered.octets;
      shares.set(source, (had ?? 0) + share);
      if (gathered.octets > USED_AGAIN) continue;
      gathered.clear();
      this.#unused.push(gathered);
      this.#octets += gathered.octets;
    }
    this.#rows.clear();
    counts.done();
    this.start = now;
    const octets = counts.octets + ROW_OCTETS * edges.length + ENTRY_OCTETS * shares.size;
    return { seconds, edges, counts, octets, shares };
  }
}
