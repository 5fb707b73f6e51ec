/**
 * Istio's standard metrics of a table's rows: istio_requests_total, istio_request_duration_milliseconds, istio_request_bytes,
 * istio_response_bytes and istio_tcp_*. Labels are Istio's, so rows of different routes between the same two are one series here.
 */
import type { Exemplar, FamilySnapshot, LabelPairs, SeriesSnapshot } from '../metrics/index.ts';
import { BYTE_BOUNDS } from './bytes.ts';
import { boundOf, type DurationHistogram, FIRST_BUCKET } from './durations.ts';
import { SHOWN } from './exemplars.ts';
import { istioLabels } from './istio-labels.ts';
import { HTTP_CELLS, type Series, type SeriesName, TCP_CELLS } from './series.ts';

const seriesLabels = ({ edge, code, grpc, flags }: SeriesName): LabelPairs => {
  const labels = [...istioLabels(edge)];
  if (edge.protocol !== 'tcp') {
    labels.push(['response_code', String(code)]);
    labels.push(['grpc_response_status', grpc < 0 ? '' : String(grpc)]);
  }
  labels.push(['response_flags', flags === '' ? '-' : flags]);
  return labels;
};

/** The same text for rows with the same labels. */
export const labelGroup = (name: SeriesName): string =>
  seriesLabels(name)
    .map(([, value]) => value)
    .join('\u0000');

/** Of rows, grouped by their labels. */
export function istioFamilies(groups: readonly (readonly Series[])[]): FamilySnapshot[] {
  const http: [LabelPairs, Float64Array, Exemplar[]][] = [];
  const tcp: [LabelPairs, Float64Array, Exemplar[]][] = [];
  for (const group of groups) {
    const [first] = group;
    if (first === undefined) continue;
    const exemplars = group.flatMap((series) => series.exemplars?.all() ?? []);
    (first.name.edge.protocol === 'tcp' ? tcp : http).push([seriesLabels(first.name), total(group), exemplars]);
  }
  const families: FamilySnapshot[] = [];
  if (http.length > 0) {
    families.push(
      counter('istio_requests_total', http, HTTP_CELLS.requests),
      histogram(
        'istio_request_duration_milliseconds',
        DURATION_BOUNDS,
        http,
        (cells) => [...durations(cells), cells[HTTP_CELLS.requests] ?? 0, cells[HTTP_CELLS.durationSum] ?? 0],
        true,
      ),
      bytes('istio_request_bytes', http, HTTP_CELLS.requestBuckets, HTTP_CELLS.requestBytes),
      bytes('istio_response_bytes', http, HTTP_CELLS.responseBuckets, HTTP_CELLS.responseBytes),
    );
  }
  if (tcp.length > 0) {
    families.push(
      counter('istio_tcp_connections_opened_total', tcp, TCP_CELLS.opened),
      counter('istio_tcp_connections_closed_total', tcp, TCP_CELLS.closed),
      counter('istio_tcp_received_bytes_total', tcp, TCP_CELLS.received),
      counter('istio_tcp_sent_bytes_total', tcp, TCP_CELLS.sent),
    );
  }
  return families;
}

function total(group: readonly Series[]): Float64Array {
  const [first, ...others] = group;
  const sum = new Float64Array(first?.cells ?? []);
  for (const { cells } of others)
    for (let index = 0; index < cells.length; index += 1) sum[index] = (sum[index] ?? 0) + (cells[index] ?? 0);
  return sum;
}

/** ms, upper bounds of the buckets that are shown: the same for all proxies and times, since sums over proxies are by `le`. */
export const DURATION_BOUNDS: readonly number[] = SHOWN.map((index) => Number(boundOf(index).toPrecision(6)));

/** What lies in each shown bucket alone, and at the end what is beyond the last. */
export function shownDurations({ buckets }: Pick<DurationHistogram, 'buckets'>): number[] {
  const shown = new Array<number>(SHOWN.length + 1).fill(0);
  let at = 0;
  for (const [index, count] of buckets) {
    while (at < SHOWN.length && index > (SHOWN[at] ?? 0)) at += 1;
    shown[at] = (shown[at] ?? 0) + count;
  }
  return shown;
}

/** What lies in each shown bucket alone. */
function durations(cells: Float64Array): number[] {
  let index = FIRST_BUCKET;
  return SHOWN.map((bound) => {
    let held = 0;
    for (; index <= bound; index += 1) held += cells[HTTP_CELLS.durations + index - FIRST_BUCKET] ?? 0;
    return held;
  });
}

type Rows = readonly (readonly [LabelPairs, Float64Array, readonly Exemplar[]])[];

const counter = (name: string, rows: Rows, cell: number): FamilySnapshot => ({
  name,
  type: 'counter',
  buckets: [],
  series: rows.map(([labels, cells]): SeriesSnapshot => ({ labels, dotted: '', values: [cells[cell] ?? 0] })),
});

const histogram = (
  name: string,
  buckets: readonly number[],
  rows: Rows,
  values: (cells: Float64Array) => readonly number[],
  exemplified = false,
): FamilySnapshot => ({
  name,
  type: 'histogram',
  buckets,
  series: rows.map(
    ([labels, cells, exemplars]): SeriesSnapshot => ({
      labels,
      dotted: '',
      values: values(cells),
      ...(exemplified && exemplars.length > 0 ? { exemplars } : {}),
    }),
  ),
});

const bytes = (name: string, rows: Rows, first: number, sum: number): FamilySnapshot =>
  histogram(name, BYTE_BOUNDS, rows, (cells) => [
    ...cells.subarray(first, first + BYTE_BOUNDS.length),
    cells[HTTP_CELLS.requests] ?? 0,
    cells[sum] ?? 0,
  ]);
