/** Between the control plane's thread and the store's. */
import type { Exemplar } from '@weft/core/metrics';
import type { Edge, PackedParts } from '@weft/core/traffic';
import type { StoreHealth } from './store/series-store.ts';

/** A value of the control plane's own, told with each sample. */
export interface Gauge {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
}

export type ToStore =
  | {
      readonly kind: 'sample';
      readonly at: number;
      /** Edges are told once, then go by number; those of `gone` are not spoken of again. */
      readonly edges: readonly (readonly [id: number, edge: Edge])[];
      readonly gone: readonly number[];
      /** Edge of each row of `counts`. */
      readonly rows: readonly number[];
      readonly counts: PackedParts;
      /** Of durations, by edge. */
      readonly exemplars: readonly (readonly [id: number, exemplars: readonly Exemplar[]])[];
      readonly gauges: readonly Gauge[];
    }
  | {
      readonly kind: 'query';
      readonly id: number;
      readonly path: string;
      readonly parameters: string;
      readonly now: number;
    }
  | { readonly kind: 'health'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number };

export type FromStore =
  | { readonly id: number; readonly kind: 'answer'; readonly code: number /** JSON. */; readonly body: string }
  | { readonly id: number; readonly kind: 'health'; readonly health: StoreHealth }
  | { readonly id: number; readonly kind: 'closed' };
