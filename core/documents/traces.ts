/** Traces of the last hour, where the mesh names no collector. */
import type { KeptSpan } from '../traces/index.ts';

/** `/weft/v1/traces`, the latest first; and `/weft/v1/traces/ID` with one, or none. */
export interface TracesDocument {
  readonly traces: readonly TraceDocument[];
  readonly health: TracesHealth;
}

export interface TracesHealth {
  /** That are held, and the octets that they take. */
  readonly spans: number;
  readonly octets: number;
  /** Since the control plane began: that were not sent or not taken, and that had to go before their hour since there was no room. */
  readonly missed: number;
  readonly forgotten: number;
}

export interface TraceDocument {
  readonly id: string;
  /** Each after its parent, those of one parent by their beginning. */
  readonly spans: readonly KeptSpan[];
}
