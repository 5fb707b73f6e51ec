/** Text of `/stats/prometheus` and `/metrics` (Prometheus exposition format 0.0.4, OpenMetrics 1.0.0) and of `/stats` (Envoy's `name: value`). */
import type { Exemplar, FamilySnapshot, LabelPairs, SeriesSnapshot } from './families.ts';
import { namesIn, openMetricsLines, openMetricsType } from './openmetrics.ts';

/** `usedOnly` leaves out what is still 0, as Envoy's `usedonly`. */
export function prometheusText(
  families: readonly FamilySnapshot[],
  only?: (name: string) => boolean,
  usedOnly = false,
): string {
  const lines: string[] = [];
  for (const family of chosen(families, only, usedOnly)) {
    lines.push(`# TYPE ${family.name} ${family.type}`);
    familyLines(family, lines, false);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** The same series as OpenMetrics, with exemplars. `before`: text of the plain format that comes first. */
export function openMetricsText(
  families: readonly FamilySnapshot[],
  only?: (name: string) => boolean,
  usedOnly = false,
  before = '',
): string {
  const shown = chosen(families, only, usedOnly);
  const names = new Set([...namesIn(before), ...shown.map(({ name }) => name)]);
  const lines = openMetricsLines(before, names);
  for (const family of shown) {
    const told = openMetricsType(family.name, family.type, names);
    lines.push(`# TYPE ${told.name} ${told.type}`);
    familyLines(family, lines, true);
  }
  return `${[...lines, '# EOF'].join('\n')}\n`;
}

function chosen(
  families: readonly FamilySnapshot[],
  only: ((name: string) => boolean) | undefined,
  usedOnly: boolean,
): FamilySnapshot[] {
  return families
    .filter(({ name }) => only === undefined || only(name))
    .map((family) => (usedOnly ? { ...family, series: family.series.filter((each) => used(family, each)) } : family))
    .filter(({ series }) => series.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function familyLines(family: FamilySnapshot, lines: string[], exemplars: boolean): void {
  for (const series of family.series) {
    if (family.type === 'histogram') histogramLines(family, series, lines, exemplars);
    else lines.push(`${family.name}${labelText(series.labels)} ${value(series)}`);
  }
}

function histogramLines(family: FamilySnapshot, series: SeriesSnapshot, lines: string[], exemplars: boolean): void {
  const examples = exemplars && series.exemplars !== undefined ? byBucket(family.buckets, series.exemplars) : undefined;
  const labels = labelList(series.labels);
  const before = labels === '' ? '' : `${labels},`;
  let total = 0;
  for (const [index, bound] of family.buckets.entries()) {
    total += series.values[index] ?? 0;
    lines.push(`${family.name}_bucket{${before}le="${bound}"} ${total}${exampleText(examples?.get(index))}`);
  }
  const { count, sum } = whole(family, series);
  lines.push(`${family.name}_bucket{${before}le="+Inf"} ${count}${exampleText(examples?.get(family.buckets.length))}`);
  lines.push(`${family.name}_sum${labelText(series.labels)} ${sum}`);
  lines.push(`${family.name}_count${labelText(series.labels)} ${count}`);
}

/** The newest of each bucket; `bounds.length`: beyond the last. */
function byBucket(bounds: readonly number[], exemplars: readonly Exemplar[]): Map<number, Exemplar> {
  const found = new Map<number, Exemplar>();
  for (const exemplar of exemplars) {
    const index = bounds.findIndex((bound) => exemplar.value <= bound);
    const bucket = index < 0 ? bounds.length : index;
    if ((found.get(bucket)?.at ?? Number.NEGATIVE_INFINITY) <= exemplar.at) found.set(bucket, exemplar);
  }
  return found;
}

/** Seconds since 1970 at the end. */
const exampleText = (exemplar: Exemplar | undefined): string =>
  exemplar === undefined
    ? ''
    : ` # {trace_id="${escapeLabel(exemplar.traceId)}"} ${exemplar.value} ${(exemplar.at / 1000).toFixed(3)}`;

/** Envoy's plain listing: counters and gauges by dotted name; histograms as count and sum. */
export function statsText(families: readonly FamilySnapshot[], only?: (name: string) => boolean): string {
  const lines: string[] = [];
  for (const family of families) {
    for (const series of family.series) {
      const name = series.dotted === '' ? dotless(family.name, series.labels) : series.dotted;
      if (only !== undefined && !only(name)) continue;
      if (family.type === 'histogram') {
        const { count, sum } = whole(family, series);
        lines.push(`${name}: count=${count} sum=${sum}`);
      } else lines.push(`${name}: ${value(series)}`);
    }
  }
  lines.sort();
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

const used = (family: FamilySnapshot, series: SeriesSnapshot): boolean =>
  family.type === 'histogram' ? whole(family, series).count > 0 : value(series) !== 0;

const value = (series: SeriesSnapshot): number => series.values[0] ?? 0;

const whole = ({ buckets }: FamilySnapshot, { values }: SeriesSnapshot): { count: number; sum: number } => ({
  count: values[buckets.length] ?? 0,
  sum: values[buckets.length + 1] ?? 0,
});

const dotless = (name: string, labels: LabelPairs): string =>
  labels.length === 0 ? name : `${name}.${labels.map(([label, text]) => `${label}.${text}`).join('.')}`;

const labelText = (labels: LabelPairs): string => (labels.length === 0 ? '' : `{${labelList(labels)}}`);

const labelList = (labels: LabelPairs): string =>
  labels.map(([name, text]) => `${name}="${escapeLabel(text)}"`).join(',');

/** Of a label's value, in both formats. */
export const escapeLabel = (text: string): string =>
  /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
