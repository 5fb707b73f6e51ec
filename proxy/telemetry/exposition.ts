/** Text of the admin pages `/stats/prometheus` (Prometheus exposition format 0.0.4) and `/stats` (Envoy's `name: value`). */
import type { Family, LabelPairs, Registry, Series } from './registry.ts';

/** `usedOnly` leaves out what is still 0, as Envoy's `usedonly`. */
export function prometheusText(registry: Registry, only?: (name: string) => boolean, usedOnly = false): string {
  const lines: string[] = [];
  for (const family of byName(registry)) {
    if (only !== undefined && !only(family.name)) continue;
    const shown = [...family.series.values()].filter((series) => !usedOnly || used(registry, family, series));
    if (shown.length > 0) lines.push(`# TYPE ${family.name} ${family.type}`);
    for (const series of shown) {
      if (family.type === 'histogram') histogramLines(registry, family, series, lines);
      else lines.push(`${family.name}${labelText(series.labels)} ${value(registry, series)}`);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function histogramLines(registry: Registry, family: Family, series: Series, lines: string[]): void {
  let total = 0;
  const { cells } = registry;
  for (const [index, bound] of family.buckets.entries()) {
    total += cells.get(series.first + index);
    lines.push(`${family.name}_bucket${labelText([...series.labels, ['le', String(bound)]])} ${total}`);
  }
  const count = cells.get(series.first + family.buckets.length);
  lines.push(`${family.name}_bucket${labelText([...series.labels, ['le', '+Inf']])} ${count}`);
  lines.push(`${family.name}_sum${labelText(series.labels)} ${cells.get(series.first + family.buckets.length + 1)}`);
  lines.push(`${family.name}_count${labelText(series.labels)} ${count}`);
}

/** Envoy's plain listing: counters and gauges by dotted name; histograms as count and sum. */
export function statsText(registry: Registry, only?: (name: string) => boolean): string {
  const lines: string[] = [];
  for (const family of registry.families.values()) {
    for (const series of family.series.values()) {
      const name = series.dotted === '' ? dotless(family.name, series.labels) : series.dotted;
      if (only !== undefined && !only(name)) continue;
      if (family.type === 'histogram') {
        const at = series.first + family.buckets.length;
        lines.push(`${name}: count=${registry.cells.get(at)} sum=${registry.cells.get(at + 1)}`);
      } else lines.push(`${name}: ${value(registry, series)}`);
    }
  }
  lines.sort();
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

const used = (registry: Registry, family: Family, series: Series): boolean =>
  family.type === 'histogram'
    ? registry.cells.get(series.first + family.buckets.length) > 0
    : value(registry, series) !== 0;

const value = (registry: Registry, series: Series): number =>
  series.read === undefined ? registry.cells.get(series.first) : series.read();

const dotless = (name: string, labels: LabelPairs): string =>
  labels.length === 0 ? name : `${name}.${labels.map(([label, text]) => `${label}.${text}`).join('.')}`;

const byName = (registry: Registry): Family[] =>
  [...registry.families.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

const labelText = (labels: LabelPairs): string =>
  labels.length === 0 ? '' : `{${labels.map(([name, text]) => `${name}="${escapeLabel(text)}"`).join(',')}}`;

const escapeLabel = (text: string): string =>
  /[\\"\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
