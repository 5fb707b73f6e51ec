/** What the mesh's proxies counted lately, by edge. */
import type { Edge, TrafficCounts } from '../traffic/index.ts';

/** `/weft/v1/traffic` */
export interface TrafficDocument {
  readonly health: TrafficHealth;
  readonly rows: readonly EdgeTraffic[];
}

export interface TrafficRow {
  readonly edge: Edge;
  readonly counts: TrafficCounts;
}

export interface EdgeTraffic extends TrafficRow {
  /** Seconds that the counts are of: rates are counts by it. */
  readonly seconds: number;
  /** Unix ms of the last report that counted something. */
  readonly lastSeen: number;
}

export interface TrafficHealth {
  /** Agents whose stream is open. */
  readonly reporters: number;
  /** Edges that are remembered. */
  readonly edges: number;
  /** What they and their counts take in memory. */
  readonly octets: number;
  /** Rows that were counted in `other` since the table was full. */
  readonly overflow: number;
  /** Messages that were refused or came twice. */
  readonly refused: number;
}
