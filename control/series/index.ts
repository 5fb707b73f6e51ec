/** The mesh's time series: a store of a day, its queries in Prometheus' language and over Prometheus' HTTP API. */
export type { Gauge } from './messages.ts';
export { PrometheusSeries } from './remote.ts';
export { BuiltInSeries, type BuiltInSeriesOptions, type SeriesAnswer, type SeriesQueries } from './series.ts';
export type { StoreHealth } from './store/series-store.ts';
