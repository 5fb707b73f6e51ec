/**
 * Running totals of what the proxies of one mesh counted, by Istio's labels, as metrics for a collector. Agents tell amounts, each once, whatever
 * became of proxies and their streams: a total falls only where it began anew, and then its start says so. Bounded in rows and octets, of which a
 * workload has at most what is free (FairRoom); what was idle for an hour is forgotten, and begins anew when it comes again.
 */
import { ENTRY_OCTETS, FairRoom, octetsOf, textOctets } from '@weft/core/kernel';
import type { Exemplar, LabelPairs } from '@weft/core/metrics';
import type { ExponentialPoint, HistogramPoint, NumberPoint, OtlpMetric, Temporality } from '@weft/core/services';
import {
  DURATION_BOUNDS,
  type Edge,
  fewExemplars,
  FEW_EXEMPLARS,
  FIRST_BUCKET,
  GatheredCounts,
  istioLabels,
  otherEdge,
  PER_OCTAVE,
  reporterOf,
  shownDurations,
} from '@weft/core/traffic';
import type { TrafficSample } from '../observe/index.ts';

const SCALE = Math.log2(PER_OCTAVE);
/** ms; what the finest bucket ends at. */
const SMALLEST = 2 ** (FIRST_BUCKET / PER_OCTAVE);
const IDLE = 3_600_000;
/** Octets of a total without labels and counts: its places, and exemplars as they come. */
const BARE_TOTAL = 6 * ENTRY_OCTETS + FEW_EXEMPLARS * 224;

interface Total {
  readonly labels: LabelPairs;
  readonly key: string;
  /** Who counts it, by identity. */
  readonly source: string;
  /** Without its counts. */
  readonly octets: number;
  readonly tcp: boolean;
  /** Unix ms since which it counts, and when it counted last. */
  readonly start: number;
  used: number;
  readonly counts: GatheredCounts;
  /** Since they were told last. */
  exemplars: readonly Exemplar[];
}

export interface TrafficTotalsOptions {
  /** Label sets that are held at most; what is beyond is counted in `other`. Default 20,000. */
  readonly maxRows?: number;
  /** Octets of them, counted as if no label was shared; default 128 MiB. One of `other` a side, protocol and kind of security is beside it. */
  readonly room?: number;
  readonly histograms: 'explicit' | 'exponential';
}

export class TrafficTotals {
  readonly #number: FairRoom;
  readonly #octets: FairRoom;
  readonly #histograms: TrafficTotalsOptions['histograms'];
  #totals = new Map<string, Total>();
  /** An edge's total, while both live. */
  #ofEdge = new WeakMap<Edge, Total>();
  #overflow = 0;

  constructor({ maxRows = 20_000, room = 128 * 1024 * 1024, histograms }: TrafficTotalsOptions) {
    this.#number = new FairRoom(maxRows);
    this.#octets = new FairRoom(room);
    this.#histograms = histograms;
  }

  /** How often an edge had no room. */
  get overflow(): number {
    return this.#overflow;
  }

  get size(): number {
    return this.#totals.size;
  }

  get room(): number {
    return this.#octets.room;
  }

  get octets(): number {
    return this.#octets.taken;
  }

  /** `wanted`: the edges of this mesh. */
  add({ at, seconds, edges, counts, exemplars }: TrafficSample, wanted: (edge: Edge) => boolean): void {
    for (const [row, edge] of edges.entries()) {
      if (!wanted(edge)) continue;
      const total = this.#of(edge, at - seconds * 1000);
      total.used = at;
      const before = total.counts.octets;
      total.counts.mergeRow(counts, row);
      this.#octets.add(total.source, total.counts.octets - before);
      const examples = exemplars?.get(edge);
      if (examples !== undefined) total.exemplars = fewExemplars([...total.exemplars, ...examples]);
    }
    for (const [key, { used, source, octets, counts: held }] of this.#totals)
      if (used < at - IDLE) {
        this.#totals.delete(key);
        this.#number.add(source, -1);
        this.#octets.add(source, -octets - held.octets);
      }
  }

  /** All of it as it stands, and exemplars that came since the last call. With `delta` it begins anew. */
  metrics(temporality: Temporality, time: number): OtlpMetric[] {
    const totals = [...this.#totals.values()];
    const made = metricsOf(totals, temporality, time, this.#histograms);
    for (const total of totals) total.exemplars = [];
    if (temporality === 'delta') {
      this.#totals = new Map();
      this.#number.clear();
      this.#octets.clear();
      this.#ofEdge = new WeakMap();
    }
    return made;
  }

  #of(edge: Edge, start: number): Total {
    const known = this.#ofEdge.get(edge);
    const fits = this.#octets.free(reporterOf(edge)) > 0;
    // It may have been forgotten meanwhile.
    if (fits && known !== undefined && this.#totals.get(known.key) === known) return known;
    if (!fits) return this.#other(edge, start);
    const found = this.#find(edge, start);
    this.#ofEdge.set(edge, found);
    return found;
  }

  #find(edge: Edge, start: number): Total {
    const labels = istioLabels(edge);
    const key = keyOf(labels);
    const found = this.#totals.get(key);
    if (found !== undefined) return found;
    const made = totalOf(edge, labels, key, start);
    const fits = this.#number.fits(made.source, 1) && this.#octets.fits(made.source, made.octets + made.counts.octets);
    return fits ? this.#keep(made) : this.#other(edge, start);
  }

  #other(edge: Edge, start: number): Total {
    this.#overflow += 1;
    const other = otherEdge(edge);
    const labels = istioLabels(other);
    const key = keyOf(labels);
    return this.#totals.get(key) ?? this.#keep(totalOf(other, labels, key, start));
  }

  #keep(made: Total): Total {
    this.#totals.set(made.key, made);
    this.#number.add(made.source, 1);
    this.#octets.add(made.source, made.octets + made.counts.octets);
    return made;
  }
}

function totalOf(edge: Edge, labels: LabelPairs, key: string, start: number): Total {
  return {
    labels,
    key,
    source: reporterOf(edge),
    octets: BARE_TOTAL + octetsOf(labels) + textOctets(key),
    tcp: edge.protocol === 'tcp',
    start,
    used: start,
    counts: new GatheredCounts(),
    exemplars: [],
  };
}

const keyOf = (labels: LabelPairs): string => labels.map(([, value]) => value).join('\u0000');

function metricsOf(
  totals: readonly Total[],
  temporality: Temporality,
  time: number,
  histograms: TrafficTotalsOptions['histograms'],
): OtlpMetric[] {
  const sums = new Map<string, NumberPoint[]>();
  const bytes = new Map<string, HistogramPoint[]>();
  const explicit: HistogramPoint[] = [];
  const exponential: ExponentialPoint[] = [];
  for (const { labels: attributes, tcp, start, counts: gathered, exemplars } of totals) {
    const counts = gathered.counts();
    const common = { attributes, start, time };
    const sum = (name: string, value: number, more: LabelPairs = []): void =>
      push(sums, name, { ...common, attributes: [...attributes, ...more], value });
    if (tcp) {
      sum('istio_tcp_connections_opened_total', counts.opened);
      sum('istio_tcp_connections_closed_total', counts.closed);
      sum('istio_tcp_received_bytes_total', counts.requestBytes);
      sum('istio_tcp_sent_bytes_total', counts.responseBytes);
      continue;
    }
    for (const { code, grpc, flags, count } of counts.responses)
      sum('istio_requests_total', count, [
        ['response_code', String(code)],
        ['grpc_response_status', grpc < 0 ? '' : String(grpc)],
        ['response_flags', flags === '' ? '-' : flags],
      ]);
    sum('weft_request_retries_total', counts.retries);
    for (const [name, value] of [
      ['istio_request_bytes', counts.requestBytes],
      ['istio_response_bytes', counts.responseBytes],
    ] as const)
      push(bytes, name, { ...common, count: counts.requests, sum: value, bounds: [], buckets: [counts.requests] });
    const { durations } = counts;
    const { count, sum: took } = durations;
    const examples = exemplars.length === 0 ? {} : { exemplars };
    if (histograms === 'explicit')
      explicit.push({
        ...common,
        ...examples,
        count,
        sum: took,
        bounds: DURATION_BOUNDS,
        buckets: shownDurations(durations),
      });
    else exponential.push({ ...common, ...examples, count, sum: took, ...exponentialBuckets(durations.buckets) });
  }
  const name = 'istio_request_duration_milliseconds';
  const named = { description: '', unit: '' };
  return [
    ...[...sums].map(
      ([each, points]): OtlpMetric => ({ ...named, name: each, data: { kind: 'sum', temporality, points } }),
    ),
    ...[...bytes].map(
      ([each, points]): OtlpMetric => ({ ...named, name: each, data: { kind: 'histogram', temporality, points } }),
    ),
    ...(explicit.length === 0
      ? []
      : [{ ...named, name, data: { kind: 'histogram' as const, temporality, points: explicit } }]),
    ...(exponential.length === 0
      ? []
      : [{ ...named, name, data: { kind: 'exponential' as const, temporality, points: exponential } }]),
  ];
}

/** Our bucket `index` ends at 2^(index / 8), OpenTelemetry's `offset + i` at 2^((offset + i + 1) / 8). The first one reaches down to 0. */
function exponentialBuckets(
  buckets: readonly (readonly [index: number, count: number])[],
): Pick<ExponentialPoint, 'scale' | 'zeroCount' | 'zeroThreshold' | 'offset' | 'buckets'> {
  const [zero] = buckets[0]?.[0] === FIRST_BUCKET ? [buckets[0][1]] : [0];
  const rest = buckets.filter(([index]) => index !== FIRST_BUCKET);
  const first = rest[0]?.[0] ?? FIRST_BUCKET + 1;
  const last = rest.at(-1)?.[0] ?? first - 1;
  const counts = new Array<number>(Math.max(0, last - first + 1)).fill(0);
  for (const [index, count] of rest) counts[index - first] = count;
  return { scale: SCALE, zeroCount: zero, zeroThreshold: SMALLEST, offset: first - 1, buckets: counts };
}

function push<Value>(into: Map<string, Value[]>, name: string, value: Value): void {
  const list = into.get(name);
  if (list === undefined) into.set(name, [value]);
  else list.push(value);
}
