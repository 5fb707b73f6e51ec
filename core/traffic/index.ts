/**
 * Traffic as it is counted: edges, amounts, histograms, and the table in which an engine or an agent gathers them. Metrics, the graph, `stat`,
 * `top` and `edges` are views of these rows.
 */
export * from './counts.ts';
export * from './durations.ts';
export * from './edge.ts';
export { GatheredCounts } from './gather.ts';
export { istioLabels, type LabelPairs } from './istio-labels.ts';
