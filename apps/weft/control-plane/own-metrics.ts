/** The control plane's own metrics as a collector gets them: totals since its start, or what was added since they were told last. */
import type { HistogramPoint, NumberPoint, OtlpMetric, Temporality } from '@weft/core/services';
import type { Family } from './metrics.ts';

interface Cumulative {
  readonly value: number;
  readonly count: number;
  readonly buckets: readonly number[];
}

export class OwnMetrics {
  readonly #families: () => readonly Family[];
  /** Unix ms. */
  readonly #start: number;
  /** Totals that were told, by name and labels. */
  #told = new Map<string, Cumulative>();
  #toldAt: number;

  constructor(families: () => readonly Family[], start: number) {
    this.#families = families;
    this.#start = start;
    this.#toldAt = start;
  }

  metrics(temporality: Temporality, time: number): OtlpMetric[] {
    const totals = this.#families().map((family) => metricOf(family, this.#start, time));
    if (temporality === 'cumulative') return totals;
    const told = new Map<string, Cumulative>();
    const deltas = totals.map((metric) => this.#delta(metric, told));
    this.#told = told;
    this.#toldAt = time;
    return deltas;
  }

  #delta(metric: OtlpMetric, told: Map<string, Cumulative>): OtlpMetric {
    const { data, name } = metric;
    const before = (point: NumberPoint | HistogramPoint, now: Cumulative): Cumulative | undefined => {
      const key = `${name} ${JSON.stringify(point.attributes)}`;
      told.set(key, now);
      return this.#told.get(key);
    };
    const start = this.#toldAt;
    if (data.kind === 'sum') {
      const points = data.points.map((point) => {
        const known = before(point, { value: point.value, count: 0, buckets: [] });
        return { ...point, start, value: point.value - (known?.value ?? 0) };
      });
      return { ...metric, data: { ...data, temporality: 'delta', points } };
    }
    if (data.kind !== 'histogram') return metric;
    const points = data.points.map((point) => {
      const { buckets, count, sum } = point;
      const known = before(point, { value: sum, count, buckets });
      return {
        ...point,
        start,
        sum: sum - (known?.value ?? 0),
        count: count - (known?.count ?? 0),
        buckets: buckets.map((held, index) => held - (known?.buckets[index] ?? 0)),
      };
    });
    return { ...metric, data: { ...data, temporality: 'delta', points } };
  }
}

function metricOf({ name, type, help, samples }: Family, start: number, time: number): OtlpMetric {
  const described = { name, description: help, unit: '' };
  if (type === 'histogram')
    return {
      ...described,
      data: { kind: 'histogram', temporality: 'cumulative', points: histograms(samples, start, time) },
    };
  const points = (since: number): NumberPoint[] =>
    samples.map(({ labels, value }) => ({ attributes: labels, start: since, time, value }));
  return type === 'counter'
    ? { ...described, data: { kind: 'sum', temporality: 'cumulative', points: points(start) } }
    : { ...described, data: { kind: 'gauge', points: points(0) } };
}

/** Of the lines that Prometheus' form has of a histogram without labels of its own: cumulative buckets, sum, count. */
function histograms(samples: Family['samples'], start: number, time: number): HistogramPoint[] {
  if (samples.length === 0) return [];
  const of = (suffix: string): number => samples.find((sample) => sample.suffix === suffix)?.value ?? 0;
  const cumulative = samples.filter(({ suffix }) => suffix === '_bucket');
  const bounds = cumulative
    .map(({ labels }) => Number(labels.find(([label]) => label === 'le')?.[1]))
    .filter((bound) => Number.isFinite(bound));
  return [
    {
      attributes: [],
      start,
      time,
      count: of('_count'),
      sum: of('_sum'),
      bounds,
      buckets: cumulative.map(({ value }, index) => value - (cumulative[index - 1]?.value ?? 0)),
    },
  ];
}
