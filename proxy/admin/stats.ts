/** `/stats` and `/stats/prometheus`: which statistics (filter, type, usedonly) in which form. */
import {
  type FamilySnapshot,
  OPEN_METRICS_TYPE,
  openMetricsText,
  PLAIN_TYPE,
  prometheusText,
  statsText,
  wantsOpenMetrics,
} from '@weft/core/metrics';
import { nameFilter } from './name-filter.ts';
import type { AdminRequest } from './request.ts';
import { type AdminAnswer, json, text } from './server.ts';

const TYPES: ReadonlyMap<string, readonly FamilySnapshot['type'][]> = new Map([
  ['All', ['counter', 'gauge', 'histogram']],
  ['Counters', ['counter']],
  ['Gauges', ['gauge']],
  ['Histograms', ['histogram']],
  // There are none here.
  ['TextReadouts', []],
]);

/** `prometheus`: its text, as OpenMetrics for who asks for it. */
export function statsPage(
  families: readonly FamilySnapshot[],
  { query, accept }: AdminRequest,
  prometheus: boolean,
): AdminAnswer {
  const expression = query.get('filter') ?? '';
  const only = expression === '' ? undefined : nameFilter(expression, false);
  if (expression !== '' && only === undefined) return text('Invalid re2 regex\n', 400);
  const types = TYPES.get(query.get('type') ?? 'All');
  if (types === undefined) return text(`invalid type= parameter: one of ${[...TYPES.keys()].join(', ')}\n`, 400);
  const chosen = families.filter(({ type }) => types.includes(type));
  const usedOnly = query.has('usedonly');
  if (prometheus) {
    return wantsOpenMetrics(accept)
      ? { status: 200, type: OPEN_METRICS_TYPE, body: openMetricsText(chosen, only, usedOnly) }
      : { status: 200, type: PLAIN_TYPE, body: prometheusText(chosen, only, usedOnly) };
  }
  let lines = statsText(chosen, only)
    .split('\n')
    .filter((line) => line !== '');
  if (usedOnly) lines = lines.filter((line) => !/: (?:0|count=0 sum=0)$/.test(line));
  if (query.get('format') !== 'json') return text(lines.map((line) => `${line}\n`).join(''));
  return json({ stats: lines.map(statEntry) });
}

function statEntry(line: string): { readonly name: string; readonly value: number | string } {
  const colon = line.lastIndexOf(': ');
  const value = line.slice(colon + 2);
  return { name: line.slice(0, colon), value: /^-?[\d.]+$/.test(value) ? Number(value) : value };
}
