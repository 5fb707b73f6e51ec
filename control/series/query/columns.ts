/** Values of series over the steps of a query. */
import type { Labels } from './labels.ts';

/** One series over all steps. Absent is not the same as NaN. */
export interface Column {
  readonly labels: Labels;
  readonly values: Float64Array;
  /** 1 where there is a value. */
  readonly present: Uint8Array;
}

export type Scalar = { readonly type: 'scalar'; readonly values: Float64Array };
export type Vector = { readonly type: 'vector'; readonly columns: readonly Column[] };
export type Value = Scalar | Vector | { readonly type: 'string'; readonly text: string };

export const column = (labels: Labels, steps: number): Column => ({
  labels,
  values: new Float64Array(steps),
  present: new Uint8Array(steps),
});

export function put(target: Column, step: number, value: number): void {
  target.values[step] = value;
  target.present[step] = 1;
}

export const at = (values: Float64Array, step: number): number => values[step] ?? Number.NaN;

export const isPresent = (source: Column, step: number): boolean => source.present[step] === 1;

export const anyPresent = ({ present }: Column): boolean => present.includes(1);

/** A column with each value replaced; those for which `map` gives undefined are absent. */
export function mapColumn(
  source: Column,
  labels: Labels,
  map: (value: number, step: number) => number | undefined,
): Column {
  const made = column(labels, source.values.length);
  for (let step = 0; step < source.values.length; step += 1) {
    if (!isPresent(source, step)) continue;
    const value = map(at(source.values, step), step);
    if (value !== undefined) put(made, step, value);
  }
  return made;
}
