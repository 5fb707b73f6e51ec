/**
 * Traffic as it is counted: edges, amounts, histograms, and the table in which an engine or an agent gathers them. Metrics, the graph, `stat`,
 * `top` and `edges` are views of these rows.
 */
export * from './counts.ts';
export * from './durations.ts';
export * from './edge.ts';
export { EXEMPLAR_AGE, FEW_EXEMPLARS, fewExemplars, shownBucketOf } from './exemplars.ts';
export { edgeAmounts, type EdgeAmounts } from './edge-amounts.ts';
export { DURATION_BOUNDS, shownDurations } from './families.ts';
export { GatheredCounts } from './gather.ts';
export { istioLabels } from './istio-labels.ts';
export { PackedCounts, type PackedParts, PackedRow } from './packed-counts.ts';
export { endpointParty, partyOf, serviceOf } from './names.ts';
export { NO_SELF, type SelfIdentity, selfParty } from './self.ts';
export { failedQuery, failedShareQuery } from './queries.ts';
export { Series, type SeriesName } from './series.ts';
export { type SeriesAmounts, type TableOptions, TrafficTable } from './table.ts';
