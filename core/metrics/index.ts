/** Statistics as plain data, and their text. */
export { prometheusText, statsText } from './exposition.ts';
export type { FamilySnapshot, LabelPairs, MetricType, SeriesSnapshot } from './families.ts';
