/**
 * Istio's standard metrics: istio_requests_total, istio_request_duration_milliseconds, istio_request_bytes, istio_response_bytes and
 * istio_tcp_*. An outbound listener reports as `source`, any other as `destination`. A series is found by two map look-ups an exchange; the number
 * of label sets is bounded by the registry, beyond it they fall into `other`.
 */
import type { Counter, DownstreamConnection, EndpointRuntime, ExchangeRecord } from '../ports.ts';
import { formatResponseFlags } from '../response-flags.ts';
import type { Histogram, LabelPairs, Registry } from './registry.ts';
import { identityNames, serviceNames } from './spiffe-names.ts';

/** Who this proxy stands for. Empty texts show as `unknown`. */
export interface SelfIdentity {
  readonly workload: string;
  readonly namespace: string;
  readonly app: string;
  readonly version: string;
  /** SPIFFE ID. */
  readonly identity: string;
  /** Service that inbound traffic is for, e.g. `orders.shop`. */
  readonly service: string;
}

interface HttpSeries {
  readonly requests: Counter;
  readonly duration: Histogram;
  readonly requestBytes: Histogram;
  readonly responseBytes: Histogram;
}

interface TcpSeries {
  readonly opened: Counter;
  readonly closed: Counter;
  readonly sent: Counter;
  readonly received: Counter;
}

const NOBODY: SelfIdentity = { workload: '', namespace: '', app: '', version: '', identity: '', service: '' };
/** Peers remembered; beyond it the memory starts anew (the series themselves stay). */
const PEERS = 10_000;

type Peer = EndpointRuntime | string;

const seriesOf = <Series>(table: Map<Peer, Map<number, Series>>, peer: Peer, key: number): Series | undefined =>
  table.get(peer)?.get(key);

export class RequestMetrics {
  readonly #registry: Registry;
  readonly #self: SelfIdentity;
  readonly #http = new Map<Peer, Map<number, HttpSeries>>();
  readonly #tcp = new Map<Peer, Map<number, TcpSeries>>();

  constructor(registry: Registry, self: SelfIdentity | undefined) {
    this.#registry = registry;
    this.#self = self ?? NOBODY;
  }

  record(record: ExchangeRecord): void {
    const outbound = isOutbound(record);
    const peer = peerOf(record, outbound);
    if (record.kind === 'tcp') {
      const series = seriesOf(this.#tcp, peer, record.flags) ?? this.#tcpSeries(record, outbound, peer);
      series.closed.add(1);
      series.sent.add(record.bytesSent);
      series.received.add(record.bytesReceived);
      return;
    }
    const grpc = record.grpcStatus < 0 ? 0 : Math.min(record.grpcStatus, 17) + 1;
    const key = (record.status * 19 + grpc) * 2 ** 20 + record.flags;
    const series = seriesOf(this.#http, peer, key) ?? this.#httpSeries(record, outbound, peer, key);
    series.requests.add(1);
    series.duration.observe(record.duration);
    series.requestBytes.observe(record.bytesReceived);
    series.responseBytes.observe(record.bytesSent);
  }

  /** A TCP connection; its bytes and its end come with `record`. */
  opened(record: ExchangeRecord): void {
    const outbound = isOutbound(record);
    const peer = peerOf(record, outbound);
    (seriesOf(this.#tcp, peer, record.flags) ?? this.#tcpSeries(record, outbound, peer)).opened.add(1);
  }

  #keep<Series>(table: Map<Peer, Map<number, Series>>, peer: Peer, key: number, series: Series): Series {
    let of = table.get(peer);
    if (of === undefined) {
      if (table.size >= PEERS) table.clear();
      of = new Map();
      table.set(peer, of);
    }
    of.set(key, series);
    return series;
  }

  #httpSeries(record: ExchangeRecord, outbound: boolean, peer: Peer, key: number): HttpSeries {
    const protocol = record.grpcStatus >= 0 ? 'grpc' : 'http';
    const labels: LabelPairs = [
      ...this.#labels(record, outbound, protocol),
      ['response_code', String(record.status)],
      ['grpc_response_status', record.grpcStatus >= 0 ? String(record.grpcStatus) : ''],
      ['response_flags', formatResponseFlags(record.flags)],
    ];
    return this.#keep(this.#http, peer, key, {
      requests: this.#registry.counter('istio_requests_total', labels),
      duration: this.#registry.histogram('istio_request_duration_milliseconds', labels),
      requestBytes: this.#registry.histogram('istio_request_bytes', labels),
      responseBytes: this.#registry.histogram('istio_response_bytes', labels),
    });
  }

  #tcpSeries(record: ExchangeRecord, outbound: boolean, peer: Peer): TcpSeries {
    const labels: LabelPairs = [
      ...this.#labels(record, outbound, 'tcp'),
      ['response_flags', formatResponseFlags(record.flags)],
    ];
    return this.#keep(this.#tcp, peer, record.flags, {
      opened: this.#registry.counter('istio_tcp_connections_opened_total', labels),
      closed: this.#registry.counter('istio_tcp_connections_closed_total', labels),
      sent: this.#registry.counter('istio_tcp_sent_bytes_total', labels),
      received: this.#registry.counter('istio_tcp_received_bytes_total', labels),
    });
  }

  #labels(record: ExchangeRecord, outbound: boolean, protocol: string): LabelPairs {
    const self = workloadLabels(this.#self);
    const other = outbound ? endpointLabels(record) : callerLabels(record.downstream);
    const [source, destination] = outbound ? [self, other] : [other, self];
    const service = this.#service(record, outbound);
    const secured = outbound ? record.endpoint?.secure === true : record.downstream.peer?.verified === true;
    return [
      ['reporter', outbound ? 'source' : 'destination'],
      ...source.map(([name, value]) => [`source_${name}`, value] as const),
      ...destination.map(([name, value]) => [`destination_${name}`, value] as const),
      ['destination_service', service.service],
      ['destination_service_name', service.name],
      ['destination_service_namespace', service.namespace],
      ['request_protocol', protocol],
      ['connection_security_policy', secured ? 'mutual_tls' : outbound ? 'unknown' : 'none'],
    ];
  }

  #service(record: ExchangeRecord, outbound: boolean): ReturnType<typeof serviceNames> {
    if (!outbound && this.#self.service !== '') {
      const [name = '', namespace = 'unknown'] = this.#self.service.split('.');
      return { service: this.#self.service, name, namespace };
    }
    if (record.clusterName === '') return { service: 'unknown', name: 'unknown', namespace: 'unknown' };
    return serviceNames(record.clusterName, record.endpoint?.cluster.config.source);
  }
}

const isOutbound = ({ downstream }: ExchangeRecord): boolean => downstream.listener.direction === 'outbound';

const peerOf = (record: ExchangeRecord, outbound: boolean): Peer =>
  outbound ? (record.endpoint ?? record.clusterName) : `${principal(record.downstream)}\u0000${record.clusterName}`;

const known = (text: string | undefined): string => (text === undefined || text === '' ? 'unknown' : text);

const principal = ({ peer }: DownstreamConnection): string => (peer?.verified === true ? (peer.uriSans[0] ?? '') : '');

const workloadLabels = (self: SelfIdentity): LabelPairs => [
  ['workload', known(self.workload)],
  ['workload_namespace', known(self.namespace)],
  ['principal', known(self.identity)],
  ['app', known(self.app)],
  ['version', known(self.version)],
];

function endpointLabels(record: ExchangeRecord): LabelPairs {
  const workload = record.endpoint?.endpoint.workload;
  const [namespace, name] = workload?.workload.split('/') ?? [];
  return [
    ['workload', known(name)],
    ['workload_namespace', known(namespace)],
    [
      'principal',
      known(
        record.upstream?.peerUriSan === '' ? workload?.identity : (record.upstream?.peerUriSan ?? workload?.identity),
      ),
    ],
    ['app', known(workload?.app)],
    ['version', known(workload?.version)],
  ];
}

/** A caller shows its identity only; which of the account's workloads it is cannot be known from it. */
function callerLabels(downstream: DownstreamConnection): LabelPairs {
  const identity = principal(downstream);
  const names = identityNames(identity);
  return [
    ['workload', names.account],
    ['workload_namespace', names.namespace],
    ['principal', known(identity)],
    ['app', 'unknown'],
    ['version', 'unknown'],
  ];
}
