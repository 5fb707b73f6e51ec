/** What the live table counted, as series: Istio's names and labels, so that public dashboards read them. */
import { type Edge, istioLabels, type TrafficCounts } from '@weft/core/traffic';
import { Labels, METRIC_NAME } from '../query/index.ts';
import type { LabelPairs } from './label-pairs.ts';
import type { SeriesChange, SeriesStore } from './series-store.ts';
import type { Change, SeriesKind, StoredSeries } from './stored-series.ts';

const DURATIONS = 'istio_request_duration_milliseconds';

/** The series of one edge, found once. */
export class EdgeSeries {
  readonly #store: SeriesStore;
  readonly #pairs: LabelPairs;
  readonly #base: readonly (readonly [string, string])[];
  /** Those without labels of their own, by name; counts of answers by what tells them apart. */
  readonly #known = new Map<string, StoredSeries>();
  /** The caller's proxy reports these calls too. Of both sides answers are kept, durations and octets as callers see them: half the memory. */
  readonly #told: boolean;

  constructor(store: SeriesStore, edge: Edge, pairs: LabelPairs) {
    this.#store = store;
    this.#pairs = pairs;
    this.#told = edge.reporter === 'destination' && edge.source.identity !== '';
    const base = istioLabels(edge).map((pair) => pairs.of(pair));
    this.#base = edge.route === '' ? base : [...base, pairs.of(['route', edge.route])];
  }

  /** What its durations are kept in; undefined: they are not, or there is no room. */
  get durations(): StoredSeries | undefined {
    return this.#told ? undefined : this.#series('histogram', DURATIONS, []);
  }

  changes(counts: TrafficCounts): SeriesChange[] {
    const made: SeriesChange[] = [];
    const add = (
      kind: SeriesKind,
      name: string,
      change: Change,
      more: readonly (readonly [string, string])[] = [],
    ): void => {
      const series = this.#series(kind, name, more);
      if (series !== undefined) made.push({ series, change });
    };
    for (const { code, grpc, flags, count } of counts.responses)
      add('counter', 'istio_requests_total', { value: count }, [
        ['response_code', String(code)],
        ['grpc_response_status', grpc < 0 ? '' : String(grpc)],
        ['response_flags', flags === '' ? '-' : flags],
      ]);
    if (this.#told) return made;
    const { sum, buckets } = counts.durations;
    if (buckets.length > 0) add('histogram', DURATIONS, { sum, buckets });
    const amounts: readonly (readonly [string, number])[] =
      counts.requests > 0
        ? [
            ['istio_request_bytes_sum', counts.requestBytes],
            ['istio_response_bytes_sum', counts.responseBytes],
            ['weft_request_retries_total', counts.retries],
          ]
        : [
            ['istio_tcp_connections_opened_total', counts.opened],
            ['istio_tcp_connections_closed_total', counts.closed],
            // As Istio has it: received from the caller, sent to it.
            ['istio_tcp_received_bytes_total', counts.requestBytes],
            ['istio_tcp_sent_bytes_total', counts.responseBytes],
          ];
    for (const [name, value] of amounts) add('counter', name, { value });
    return made;
  }

  #series(kind: SeriesKind, name: string, more: readonly (readonly [string, string])[]): StoredSeries | undefined {
    const key = more.length === 0 ? name : more.map(([, value]) => value).join(' ');
    const known = this.#known.get(key);
    if (known !== undefined && this.#store.holds(known)) return known;
    const own = [[METRIC_NAME, name] as const, ...more].map((pair) => this.#pairs.of(pair));
    const made = this.#store.series(kind, Labels.of([...this.#base, ...own]));
    if (made !== undefined) this.#known.set(key, made);
    return made;
  }
}
