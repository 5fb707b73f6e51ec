/** Statistics as plain data, and their text. */
export { escapeLabel, openMetricsText, prometheusText, statsText } from './exposition.ts';
export { OPEN_METRICS_TYPE, openMetricsType, PLAIN_TYPE, wantsOpenMetrics } from './openmetrics.ts';
export type { Exemplar, FamilySnapshot, LabelPairs, MetricType, SeriesSnapshot } from './families.ts';
