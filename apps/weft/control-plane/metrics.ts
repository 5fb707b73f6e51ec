/** The control plane's own counts: pushes, refusals, convergence, certificates; on `/metrics` and in the store of time series. Names as istiod's where it has one. */
import type { Refusals } from '@weft/control/authority';
import type { PushHealth } from '@weft/control/otlp';
import type { Gauge } from '@weft/control/series';
import type { XdsObserver, XdsServer } from '@weft/control/xds';
import type { ProxyDocument, TrafficHealth } from '@weft/core/documents';
import type { WallClock } from '@weft/core/kernel';
import { escapeLabel, openMetricsType } from '@weft/core/metrics';
import { CertificateEnds } from './certificate-ends.ts';

export interface PlaneState {
  readonly refusals: Pick<Refusals, 'counts'>;
  readonly xds: Pick<XdsServer, 'clients'>;
  readonly traffic: TrafficHealth;
  readonly proxies: readonly Pick<ProxyDocument, 'state'>[];
  /** Of the traces that are kept here. */
  readonly traces: { readonly spans: number; readonly missed: number };
  /** Of what is pushed by OTLP. */
  readonly otlp: PushHealth & { readonly overflow: number };
  readonly stores: readonly StoreState[];
}

/** A store of what agents tell: it takes so much memory and no more. */
export interface StoreState {
  readonly store: 'traffic' | 'described-edges' | 'traces' | 'requests' | 'request-kinds' | 'series' | 'otlp';
  /** Octets that it takes, counted so that they are no fewer than there are, and at most. */
  readonly octets: number;
  readonly room: number;
  /** What there was no room for, or what gave way: rows, streams, spans, requests, kinds, changes. */
  readonly dropped: number;
}

interface Sample {
  /** Of a histogram's series: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string;
  readonly labels: Gauge['labels'];
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

const CONVERGENCE_BOUNDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 5, 10];

export class PlaneMetrics {
  readonly #pushes = new Map<string, number>();
  readonly #resources = new Map<string, number>();
  readonly #rejects = new Map<string, number>();
  readonly #convergence = new Array<number>(CONVERGENCE_BOUNDS.length + 1).fill(0);
  #convergenceSum = 0;
  #refusedStreams = 0;
  readonly certificates: CertificateEnds;
  issued = 0;

  constructor(clock: WallClock) {
    this.certificates = new CertificateEnds(clock);
  }

  readonly observer: XdsObserver = {
    pushed: (type, resources) => {
      add(this.#pushes, type, 1);
      add(this.#resources, type, resources);
    },
    rejected: (_proxy, type, rejections) => add(this.#rejects, type, rejections.length),
    converged: (elapsed) => {
      const seconds = elapsed / 1000;
      const bucket = CONVERGENCE_BOUNDS.findIndex((bound) => seconds <= bound);
      const index = bucket < 0 ? CONVERGENCE_BOUNDS.length : bucket;
      this.#convergence[index] = (this.#convergence[index] ?? 0) + 1;
      this.#convergenceSum += seconds;
    },
    closed: (_peer, _node, error) => {
      if (error !== undefined) this.#refusedStreams += 1;
    },
  };

  /** Everything that is counted here, as it stands now. */
  families({ refusals, xds, traffic, proxies, traces, otlp, stores }: PlaneState): Family[] {
    const byStore = (value: (state: StoreState) => number): Sample[] =>
      stores.map((state) => ({ labels: [['store', state.store]], value: value(state) }));
    const byType = (counts: ReadonlyMap<string, number>): Sample[] =>
      [...counts].map(([type, value]) => ({ labels: [['type', type]], value }));
    const single = (value: number): Sample[] => [{ labels: [], value }];
    const states = new Map<string, number>();
    for (const { state } of proxies) add(states, state, 1);
    const { user, system } = process.cpuUsage();
    return [
      {
        name: 'weft_proxies',
        type: 'gauge',
        help: 'Proxies by state',
        samples: [...states].map(([state, value]) => ({ labels: [['state', state]], value })),
      },
      {
        name: 'pilot_xds',
        type: 'gauge',
        help: 'xDS streams whose client was accepted',
        samples: single(xds.clients().length),
      },
      {
        name: 'pilot_xds_pushes',
        type: 'counter',
        help: 'Responses pushed, by type',
        samples: byType(this.#pushes),
      },
      {
        name: 'weft_xds_resources_sent_total',
        type: 'counter',
        help: 'Resources in pushed responses, by type',
        samples: byType(this.#resources),
      },
      {
        name: 'pilot_total_xds_rejects',
        type: 'counter',
        help: 'Resources that clients refused, by type',
        samples: byType(this.#rejects),
      },
      {
        name: 'weft_xds_streams_ended_total',
        type: 'counter',
        help: 'Streams that this control plane ended, for whatever reason',
        samples: single(this.#refusedStreams),
      },
      {
        name: 'pilot_proxy_convergence_time',
        type: 'histogram',
        help: 'Seconds from a change of a proxy until it held all of it',
        samples: this.#convergenceSamples(),
      },
      {
        name: 'citadel_server_csr_count',
        type: 'counter',
        help: 'Certificates issued',
        samples: single(this.issued),
      },
      {
        name: 'weft_traffic_reporters',
        type: 'gauge',
        help: 'Agents whose proxies report what they count',
        samples: single(traffic.reporters),
      },
      {
        name: 'weft_traffic_edges',
        type: 'gauge',
        help: 'Edges in the live table',
        samples: single(traffic.edges),
      },
      {
        name: 'weft_traffic_overflow_total',
        type: 'counter',
        help: 'Rows counted in other, since the table was full',
        samples: single(traffic.overflow),
      },
      {
        name: 'weft_traffic_refused_total',
        type: 'counter',
        help: 'Reports that were refused or came twice',
        samples: single(traffic.refused),
      },
      {
        name: 'weft_trace_spans',
        type: 'gauge',
        help: 'Spans that are kept here',
        samples: single(traces.spans),
      },
      {
        name: 'weft_trace_spans_missed_total',
        type: 'counter',
        help: 'Spans that proxies could not send, or that there was no room for',
        samples: single(traces.missed),
      },
      {
        name: 'weft_store_bytes',
        type: 'gauge',
        help: 'Memory that what proxies told takes, by store',
        samples: byStore(({ octets }) => octets),
      },
      {
        name: 'weft_store_limit_bytes',
        type: 'gauge',
        help: 'Memory that it may take, by store',
        samples: byStore(({ room }) => room),
      },
      {
        name: 'weft_store_dropped_total',
        type: 'counter',
        help: 'What a store had no room for, or let go of before its time',
        samples: byStore(({ dropped }) => dropped),
      },
      {
        name: 'weft_otlp_data_points_total',
        type: 'counter',
        help: 'Points of metrics for collectors, by what became of them',
        samples: [
          { labels: [['result', 'sent']], value: otlp.sent },
          { labels: [['result', 'dropped']], value: otlp.dropped },
        ],
      },
      {
        name: 'weft_otlp_failures_total',
        type: 'counter',
        help: 'Messages of metrics that a collector did not take',
        samples: single(otlp.failed),
      },
      {
        name: 'weft_otlp_overflow_total',
        type: 'counter',
        help: 'Edges counted in other, since there were too many for a collector',
        samples: single(otlp.overflow),
      },
      {
        name: 'weft_refusals_total',
        type: 'counter',
        help: 'Callers refused, by reason',
        samples: [...refusals.counts()].map(([reason, value]) => ({ labels: [['reason', reason]], value })),
      },
      {
        name: 'process_cpu_seconds_total',
        type: 'counter',
        help: 'CPU of this process, user and system',
        samples: single((user + system) / 1e6),
      },
      {
        name: 'process_resident_memory_bytes',
        type: 'gauge',
        help: 'Resident memory of this process',
        samples: single(process.memoryUsage.rss()),
      },
    ];
  }

  #convergenceSamples(): Sample[] {
    let cumulative = 0;
    const buckets = this.#convergence.map((count, index): Sample => {
      cumulative += count;
      return { suffix: '_bucket', labels: [['le', String(CONVERGENCE_BOUNDS[index] ?? '+Inf')]], value: cumulative };
    });
    return [
      ...buckets,
      { suffix: '_sum', labels: [], value: this.#convergenceSum },
      { suffix: '_count', labels: [], value: cumulative },
    ];
  }
}

/** Prometheus' text form 0.0.4. */
/** `open`: as OpenMetrics. */
export function expositionOf(families: readonly Family[], open: boolean): string {
  const lines: string[] = [];
  const names = new Set(families.map(({ name }) => name));
  for (const { name, type, help, samples } of families) {
    const told = open ? openMetricsType(name, type, names) : { name, type };
    lines.push(`# HELP ${told.name} ${help}`, `# TYPE ${told.name} ${told.type}`);
    for (const { suffix = '', labels, value } of samples) {
      const inner = labels.map(([label, text]) => `${label}="${escapeLabel(text)}"`).join(',');
      lines.push(`${name}${suffix}${inner === '' ? '' : `{${inner}}`} ${value}`);
    }
  }
  if (open) lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

/** The same for the store of time series. */
export const gaugesOf = (families: readonly Family[]): Gauge[] =>
  families.flatMap(({ name, samples }) =>
    samples.map(({ suffix = '', labels, value }) => ({ name: `${name}${suffix}`, labels, value })),
  );

const add = (counts: Map<string, number>, key: string, amount: number): void =>
  void counts.set(key, (counts.get(key) ?? 0) + amount);
