/** opentelemetry.proto.collector.metrics.v1: ExportMetricsServiceRequest and its answer. */
import type { LogFields } from '@weft/core/proxy-config';
import type { ExponentialPoint, HistogramPoint, NumberPoint, OtlpMetric, Temporality } from '@weft/core/services';
import { readMessage, writeMessage } from '../codec/index.ts';
import type { Messages } from '../tables/index.ts';
import { nanoseconds, octets, pairOf } from './otlp-values.ts';

type WireMetric = Messages['opentelemetry.proto.metrics.v1.Metric'];

const TEMPORALITY = {
  cumulative: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
  delta: 'AGGREGATION_TEMPORALITY_DELTA',
} as const satisfies Record<Temporality, string>;

export const encodeMetrics = (resource: LogFields, metrics: readonly OtlpMetric[]): Uint8Array =>
  writeMessage('opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest', {
    resource_metrics: [
      {
        resource: { attributes: resource.map(pairOf) },
        scope_metrics: [{ scope: { name: 'weft' }, metrics: metrics.map(wireOf) }],
      },
    ],
  });

const wireOf = ({ name, description, unit, data }: OtlpMetric): WireMetric => ({
  name,
  description: description || undefined,
  unit: unit || undefined,
  ...dataOf(data),
});

function dataOf(data: OtlpMetric['data']): Pick<WireMetric, 'gauge' | 'sum' | 'histogram' | 'exponential_histogram'> {
  switch (data.kind) {
    case 'gauge':
      return { gauge: { data_points: data.points.map(numberPoint) } };
    case 'sum':
      return {
        sum: {
          data_points: data.points.map(numberPoint),
          aggregation_temporality: TEMPORALITY[data.temporality],
          is_monotonic: true,
        },
      };
    case 'histogram':
      return {
        histogram: {
          data_points: data.points.map(histogramPoint),
          aggregation_temporality: TEMPORALITY[data.temporality],
        },
      };
    case 'exponential':
      return {
        exponential_histogram: {
          data_points: data.points.map(exponentialPoint),
          aggregation_temporality: TEMPORALITY[data.temporality],
        },
      };
  }
}

const commonOf = ({ attributes, start, time }: NumberPoint | HistogramPoint | ExponentialPoint) => ({
  attributes: attributes.map(pairOf),
  start_time_unix_nano: start === 0 ? undefined : nanoseconds(start),
  time_unix_nano: nanoseconds(time),
});

const numberPoint = (point: NumberPoint): Messages['opentelemetry.proto.metrics.v1.NumberDataPoint'] => ({
  ...commonOf(point),
  ...(Number.isSafeInteger(point.value) ? { as_int: BigInt(point.value) } : { as_double: point.value }),
});

const exemplarsOf = ({ exemplars = [] }: HistogramPoint | ExponentialPoint) => ({
  exemplars: exemplars.map(({ traceId, value, at }) => ({
    time_unix_nano: nanoseconds(at),
    as_double: value,
    trace_id: octets(traceId),
  })),
});

const histogramPoint = (point: HistogramPoint): Messages['opentelemetry.proto.metrics.v1.HistogramDataPoint'] => ({
  ...commonOf(point),
  count: BigInt(point.count),
  sum: point.sum,
  explicit_bounds: point.bounds,
  bucket_counts: point.buckets.map(BigInt),
  ...exemplarsOf(point),
});

const exponentialPoint = (
  point: ExponentialPoint,
): Messages['opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint'] => ({
  ...commonOf(point),
  count: BigInt(point.count),
  sum: point.sum,
  scale: point.scale,
  zero_count: BigInt(point.zeroCount),
  zero_threshold: point.zeroThreshold,
  positive: { offset: point.offset, bucket_counts: point.buckets.map(BigInt) },
  ...exemplarsOf(point),
});

export function readRejectedPoints(answer: Uint8Array): number {
  const read = readMessage('opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse', answer, {
    unknown: 'skip',
  });
  return read.ok ? Number(read.value.partial_success?.rejected_data_points ?? 0) : 0;
}
