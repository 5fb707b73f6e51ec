/** Prometheus' query language, the part that dashboards use: parse, evaluate over any source of series. */
export { type Column, type Value } from './columns.ts';
export { evaluateQuery, LOOKBACK, type Outcome, type Steps } from './evaluate.ts';
export { type LabelPair, Labels, METRIC_NAME } from './labels.ts';
export { parseQuery, parseSelector, selectorsOf } from './parse.ts';
export type { SampledSeries, SeriesSource } from './source.ts';
export { type Matcher, QueryError } from './syntax.ts';
