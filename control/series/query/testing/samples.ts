/** Series for the tests of queries, from a seed: counters that restart, gauges, histograms, gaps. */
import { Labels } from '../labels.ts';
import type { SampledSeries, SeriesSource } from '../source.ts';

/** A small generator of numbers in [0, 1): mulberry32. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Made {
  readonly labels: Labels;
  readonly times: number[];
  readonly values: number[];
}

const SERVICES = ['cart', 'orders', 'payments'];
const CODES = ['200', '404', '503'];
const BOUNDS = ['1', '5', '10', '50', '+Inf'];

/** `count` samples of each series, one in `every` milliseconds from `start` on; some are missing. */
export function samples(seed: number, start: number, every: number, count: number): Made[] {
  const next = random(seed);
  const series: Made[] = [];
  const add = (labels: Record<string, string>, value: () => number): void => {
    const times: number[] = [];
    const values: number[] = [];
    const phase = Math.floor(next() * every * 0.3);
    const gap = Math.floor(next() * count);
    for (let index = 0; index < count; index += 1) {
      const sample = value();
      // A scrape that failed now and then, and one longer outage.
      if (next() < 0.03 || (index > gap && index < gap + 5)) continue;
      times.push(start + index * every + phase);
      values.push(sample);
    }
    series.push({ labels: Labels.of(Object.entries(labels)), times, values });
  };
  for (const service of SERVICES) {
    for (const code of CODES) {
      let total = Math.floor(next() * 100);
      add({ __name__: 'requests_total', service, code, zone: service === 'cart' ? 'a' : 'b' }, () => {
        total = next() < 0.02 ? Math.floor(next() * 5) : total + Math.floor(next() * 20);
        return total;
      });
    }
    add({ __name__: 'temperature', service }, () => Math.round((next() - 0.5) * 1000) / 8);
    const counts = BOUNDS.map(() => 0);
    const grow = BOUNDS.map(() => Math.floor(next() * 9) + 1);
    let done = 0;
    const shared: number[][] = [];
    BOUNDS.forEach((le, bound) => {
      let index = 0;
      add({ __name__: 'duration_bucket', service, le }, () => {
        while (shared.length <= index) {
          done += 1;
          counts.forEach((value, at) => (counts[at] = value + ((done * (at + 3)) % (grow[at] ?? 1))));
          shared.push(counts.map((_, at) => counts.slice(0, at + 1).reduce((a, b) => a + b, 0)));
        }
        index += 1;
        return shared[index - 1]?.[bound] ?? 0;
      });
    });
    add({ __name__: 'info', service, version: `v${service.length}` }, () => 1);
  }
  return series;
}

export const sourceOf = (series: readonly SampledSeries[]): SeriesSource => ({
  select: (matchers, from, to) =>
    series
      .filter(({ labels }) => matchers.every(({ name, matches }) => matches(labels.get(name))))
      .map(({ labels, times, values }) => {
        const kept = [...Array.from(times).keys()].filter((index) => {
          const time = times[index] ?? 0;
          return time > from && time <= to;
        });
        return {
          labels,
          times: kept.map((index) => times[index] ?? 0),
          values: kept.map((index) => values[index] ?? 0),
        };
      }),
});

/** OpenMetrics with times, for `promtool tsdb create-blocks-from openmetrics`. */
export function openMetrics(series: readonly Made[]): string {
  const lines = series.flatMap(({ labels, times, values }) => {
    const text = labels.pairs
      .filter(([name]) => name !== '__name__')
      .map(([name, value]) => `${name}="${value}"`)
      .join(',');
    return times.map((time, index) => `${labels.get('__name__')}{${text}} ${values[index]} ${time / 1000}`);
  });
  return `${lines.join('\n')}\n# EOF\n`;
}
