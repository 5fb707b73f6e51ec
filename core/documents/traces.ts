/** Traces of the last hour, where the mesh names no collector. */
import type { KeptSpan } from '../traces/index.ts';

/** `/weft/v1/traces`, the latest first; and `/weft/v1/traces/ID` with one, or none. */
export interface TracesDocument {
  readonly traces: readonly TraceDocument[];
  /** Spans that are held, and that were not taken since the control plane began. */
  readonly health: { readonly spans: number; readonly missed: number };
}

export interface TraceDocument {
  readonly id: string;
  /** Each after its parent, those of one parent by their beginning. */
  readonly spans: readonly KeptSpan[];
}
