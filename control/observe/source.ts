/** Port: what the mesh's proxies counted lately. The live table implements it; a store, a dashboard and the command line read it. */
import type { EdgeTraffic, TrafficHealth } from '@weft/core/documents';
import type { Exemplar } from '@weft/core/metrics';
import type { Edge, PackedCounts } from '@weft/core/traffic';

export interface TrafficSample {
  /** Unix ms of the interval's end. */
  readonly at: number;
  readonly seconds: number;
  /** Those that counted something in it, and what, row by row. */
  readonly edges: readonly Edge[];
  readonly counts: PackedCounts;
  /** Of durations, FEW_EXEMPLARS an edge at most; absent: none. */
  readonly exemplars?: ReadonlyMap<Edge, readonly Exemplar[]>;
}

/** ms between two samples. */
export const SAMPLE_INTERVAL = 5000;
/** ms that `edges` covers unless told otherwise, and at most. */
export const DEFAULT_WINDOW = 60_000;
export const LONGEST_WINDOW = 600_000;

export interface TrafficSource {
  /** What both sides reported in the last `windowMs`, added up by edge. */
  edges(windowMs?: number): readonly EdgeTraffic[];
  /** As `edges`, with each call once: by the caller's report where there is one, else by the called side's. */
  calls(windowMs?: number): readonly EdgeTraffic[];
  /** `edges` or `calls`, added up row by row as they are taken: all at once, before anything else runs. */
  rows(windowMs: number, which: 'all' | 'once'): Iterable<EdgeTraffic>;
  /**
   * `listener` gets what was counted since the last sample, every SAMPLE_INTERVAL, also when it was nothing. An edge is the same object
   * from sample to sample while it lives (until nothing was counted for LONGEST_WINDOW).
   */
  onSample(listener: (sample: TrafficSample) => void): { close(): void };
  readonly health: TrafficHealth;
}
