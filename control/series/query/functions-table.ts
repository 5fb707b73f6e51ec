/** The functions of the language: what they take and give. */
import type { ExpressionType } from './syntax.ts';

export interface Signature {
  readonly takes: readonly ExpressionType[];
  /** How many of the last parameters may be left out; `Infinity`: the last may be repeated. */
  readonly optional?: number;
  readonly gives: 'scalar' | 'vector';
}

const overRange: Signature = { takes: ['range'], gives: 'vector' };
const ofVector: Signature = { takes: ['vector'], gives: 'vector' };

export const FUNCTIONS: Readonly<Record<string, Signature>> = {
  rate: overRange,
  irate: overRange,
  increase: overRange,
  delta: overRange,
  idelta: overRange,
  resets: overRange,
  changes: overRange,
  sum_over_time: overRange,
  avg_over_time: overRange,
  min_over_time: overRange,
  max_over_time: overRange,
  count_over_time: overRange,
  last_over_time: overRange,
  present_over_time: overRange,
  quantile_over_time: { takes: ['scalar', 'range'], gives: 'vector' },
  histogram_quantile: { takes: ['scalar', 'vector'], gives: 'vector' },
  abs: ofVector,
  ceil: ofVector,
  floor: ofVector,
  sqrt: ofVector,
  exp: ofVector,
  ln: ofVector,
  log2: ofVector,
  log10: ofVector,
  sgn: ofVector,
  sort: ofVector,
  sort_desc: ofVector,
  absent: ofVector,
  timestamp: ofVector,
  round: { takes: ['vector', 'scalar'], optional: 1, gives: 'vector' },
  clamp: { takes: ['vector', 'scalar', 'scalar'], gives: 'vector' },
  clamp_min: { takes: ['vector', 'scalar'], gives: 'vector' },
  clamp_max: { takes: ['vector', 'scalar'], gives: 'vector' },
  label_replace: { takes: ['vector', 'string', 'string', 'string', 'string'], gives: 'vector' },
  label_join: {
    takes: ['vector', 'string', 'string', 'string'],
    optional: Number.POSITIVE_INFINITY,
    gives: 'vector',
  },
  vector: { takes: ['scalar'], gives: 'vector' },
  scalar: { takes: ['vector'], gives: 'scalar' },
  time: { takes: [], gives: 'scalar' },
};
