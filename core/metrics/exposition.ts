/** Text of `/stats/prometheus` and `/metrics` (Prometheus exposition format 0.0.4) and of `/stats` (Envoy's `name: value`). */
import type { FamilySnapshot, LabelPairs, SeriesSnapshot } from './families.ts';

/** `usedOnly` leaves out what is still 0, as Envoy's `usedonly`. */
export function prometheusText(
  families: readonly FamilySnapshot[],
  only?: (name: string) => boolean,
  usedOnly = false,
): string {
  const lines: string[] = [];
  for (const family of families.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))) {
    if (only !== undefined && !only(family.name)) continue;
    const shown = family.series.filter((series) => !usedOnly || used(family, series));
    if (shown.length > 0) lines.push(`# TYPE ${family.name} ${family.type}`);
    for (const series of shown) {
      if (family.type === 'histogram') histogramLines(family, series, lines);
      else lines.push(`${family.name}${labelText(series.labels)} ${value(series)}`);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function histogramLines(family: FamilySnapshot, series: SeriesSnapshot, lines: string[]): void {
  const labels = labelList(series.labels);
  const before = labels === '' ? '' : `${labels},`;
  let total = 0;
  for (const [index, bound] of family.buckets.entries()) {
    total += series.values[index] ?? 0;
    lines.push(`${family.name}_bucket{${before}le="${bound}"} ${total}`);
  }
  const { count, sum } = whole(family, series);
  lines.push(`${family.name}_bucket{${before}le="+Inf"} ${count}`);
  lines.push(`${family.name}_sum${labelText(series.labels)} ${sum}`);
  lines.push(`${family.name}_count${labelText(series.labels)} ${count}`);
}

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

const escapeLabel = (text: string): string =>
  /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
