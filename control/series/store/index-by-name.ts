/** Which series there are, by the names that queries know them by: a histogram goes by three. */
import { boundOf, PER_OCTAVE } from '@weft/core/traffic';
import { Labels, type Matcher, METRIC_NAME, type SampledSeries } from '../query/index.ts';
import type { Segment } from './segments.ts';
import { BUCKET_KEY, type StoredSeries, VALUE_KEY } from './stored-series.ts';

type Part = '' | '_sum' | '_count' | '_bucket';

const HISTOGRAM_PARTS: readonly Part[] = ['_sum', '_count', '_bucket'];
const partsOf = ({ kind }: StoredSeries): readonly Part[] => (kind === 'histogram' ? HISTOGRAM_PARTS : ['']);

interface Named {
  readonly part: Part;
  readonly series: Set<StoredSeries>;
}

export class SeriesIndex {
  readonly #byName = new Map<string, Named>();

  add(series: StoredSeries): void {
    for (const part of partsOf(series)) {
      const name = series.labels.get(METRIC_NAME) + part;
      const named = this.#byName.get(name) ?? { part, series: new Set() };
      named.series.add(series);
      this.#byName.set(name, named);
    }
  }

  remove(series: StoredSeries): void {
    for (const part of partsOf(series)) {
      const name = series.labels.get(METRIC_NAME) + part;
      const named = this.#byName.get(name);
      named?.series.delete(series);
      if (named?.series.size === 0) this.#byName.delete(name);
    }
  }

  select(matchers: readonly Matcher[], read: (series: StoredSeries) => readonly Segment[]): SampledSeries[] {
    return this.#matching(matchers).flatMap(({ name, part, series }) => {
      if (part === '_bucket')
        return buckets(
          name,
          series,
          matchers.filter((matcher) => matcher.name === 'le'),
          read,
        );
      return series.flatMap((each) => plain(each.labels.with(METRIC_NAME, name), part, read(each)));
    });
  }

  /** Labels of all that match, without `le`. */
  labels(matchers: readonly Matcher[]): Labels[] {
    return this.#matching(matchers).flatMap(({ name, series }) =>
      series.map(({ labels }) => labels.with(METRIC_NAME, name)),
    );
  }

  #matching(matchers: readonly Matcher[]): { name: string; part: Part; series: StoredSeries[] }[] {
    const ofName = matchers.filter(({ name }) => name === METRIC_NAME);
    const exact = ofName.find(({ operator }) => operator === '=');
    const names = exact === undefined ? [...this.#byName.keys()] : [exact.value];
    return names.flatMap((name) => {
      const named = this.#byName.get(name);
      if (named === undefined || !ofName.every(({ matches }) => matches(name))) return [];
      const rest = matchers.filter(
        (matcher) => matcher.name !== METRIC_NAME && !(named.part === '_bucket' && matcher.name === 'le'),
      );
      const series = [...named.series].filter(({ labels }) =>
        rest.every((matcher) => matcher.matches(labels.get(matcher.name))),
      );
      return series.length === 0 ? [] : [{ name, part: named.part, series }];
    });
  }
}

const isBucket = (key: number): boolean => key !== VALUE_KEY;

function plain(labels: Labels, part: Part, segments: readonly Segment[]): SampledSeries[] {
  const times: number[] = [];
  const values: number[] = [];
  for (const segment of segments) {
    const told = segment.fields.get(VALUE_KEY);
    const counts =
      part === '_count' ? [...segment.fields].filter(([key]) => isBucket(key)).map(([, column]) => column) : [];
    segment.times.forEach((time, index) => {
      const value = told?.[segment.first + index] ?? Number.NaN;
      if (Number.isNaN(value)) return;
      times.push(time);
      values.push(
        part === '_count' ? counts.reduce((sum, column) => sum + (column[segment.first + index] || 0), 0) : value,
      );
    });
  }
  return times.length === 0 ? [] : [{ labels, times, values }];
}

/** `le` of a bucket by its key. */
export const boundText = (key: number): string => Number(boundOf(key - BUCKET_KEY).toPrecision(6)).toString();

/** The bounds that a query names: they are there whether something lies next to them or not. */
function asked(bounds: readonly Matcher[]): number[] {
  return bounds.flatMap(({ operator, value }) => {
    const key = BUCKET_KEY + Math.round(Math.log2(Number(value)) * PER_OCTAVE);
    return operator === '=' && Number.isFinite(key) && boundText(key) === value ? [key] : [];
  });
}

/** Cumulative, with the same bounds for all series of the query: sums by `le` need them. */
function buckets(
  name: string,
  series: readonly StoredSeries[],
  bounds: readonly Matcher[],
  read: (series: StoredSeries) => readonly Segment[],
): SampledSeries[] {
  const all = series.map((each) => ({ labels: each.labels, segments: read(each) }));
  const used = new Set(
    all.flatMap(({ segments }) => segments.flatMap(({ fields }) => [...fields.keys()].filter(isBucket))),
  );
  // With the bound below each, or a quantile would reach down to the next bucket that holds something.
  const keys = [...new Set([...[...used].flatMap((key) => [key - 1, key]), ...asked(bounds)])].sort((a, b) => a - b);
  const ends = [...keys.map(boundText), '+Inf'];
  const wanted = ends.map((le) => bounds.every(({ matches }) => matches(le)));
  return all.flatMap(({ labels, segments }) => {
    const times: number[] = [];
    const columns: number[][] = ends.map(() => []);
    for (const { fields, times: at, first } of segments) {
      const told = fields.get(VALUE_KEY);
      const sources = keys.map((key) => fields.get(key));
      at.forEach((time, index) => {
        if (Number.isNaN(told?.[first + index] ?? Number.NaN)) return;
        times.push(time);
        let sum = 0;
        columns.forEach((column, bound) => {
          sum += sources[bound]?.[first + index] || 0;
          column.push(sum);
        });
      });
    }
    if (times.length === 0) return [];
    return ends.flatMap((le, bound) =>
      wanted[bound] === true
        ? [{ labels: labels.with(METRIC_NAME, name).with('le', le), times, values: columns[bound] ?? [] }]
        : [],
    );
  });
}
