/**
 * What Kiali 2.31 asks a Prometheus to draw its graph, to judge health and to fill its pages, for one namespace and cluster: the same selectors and
 * the same labels to group by. Read from its source (graph/telemetry/istio, prometheus, business).
 */

export interface KialiQuery {
  readonly name: string;
  readonly expr: string;
  /** Labels that each series of the answer must have, with a value. */
  readonly labels: readonly string[];
  /** The control plane's own store answers it too: it knows no clusters, and octets as callers count them alone. */
  readonly own: boolean;
}

const side = (name: 'source' | 'destination'): string[] =>
  ['cluster', 'workload_namespace', 'workload', 'canonical_service', 'canonical_revision'].map(
    (label) => `${name}_${label}`,
  );
const SERVICE = ['destination_service_namespace', 'destination_service_name'];
const EDGE = [...side('source'), ...side('destination'), ...SERVICE];
const ANSWER = ['request_protocol', 'response_code', 'response_flags'];

type Asked = Omit<KialiQuery, 'own'>;

/** `range`: as Prometheus writes it, `60s`. */
export const kialiQueries = (namespace: string, cluster: string, range: string): readonly KialiQuery[] =>
  queries(namespace, cluster, range).map((query) => ({
    ...query,
    own: !/_cluster=~?"|istio_tcp|_bytes_/.test(query.expr),
  }));

function queries(namespace: string, cluster: string, range: string): readonly Asked[] {
  const incoming = `reporter="destination",destination_workload_namespace="${namespace}"`;
  const outgoing = `reporter="source",source_workload_namespace="${namespace}"`;
  const edges = (
    name: string,
    metric: string,
    selector: string,
    labels: readonly string[],
    also: readonly string[] = [],
  ): Asked => ({
    name: `graph: ${name}`,
    // What an HTTP request does not have is there and empty, or absent.
    expr: `round(sum(rate(${metric}{${selector}} [${range}])) by (${[...labels, ...also].join(',')}) > 0,0.001)`,
    labels,
  });
  const requests = [...EDGE, 'destination_service', ...ANSWER];
  const bytes = [...EDGE, 'destination_service', 'response_flags'];
  const secured = [...EDGE, 'source_principal', 'destination_principal', 'connection_security_policy'];
  const latency = [...EDGE, 'request_protocol'];
  const [sum, count, bucket] = ['sum', 'count', 'bucket'].map(
    (part) => `rate(istio_request_duration_milliseconds_${part}{${outgoing}}[${range}])`,
  );
  const panel = (name: string, expr: string): Asked => ({ name: `page: ${name}`, expr, labels: [] });
  const health = (name: string, selector: string): Asked => ({
    name: `health: ${name}`,
    expr: `rate(istio_requests_total{${selector}}[${range}]) > 0`,
    labels: [...EDGE, ...ANSWER],
  });
  const inbound = `{reporter="destination",destination_workload_namespace="${namespace}",destination_workload="orders",destination_cluster="${cluster}"}`;
  return [
    {
      ...edges(
        'what reached nobody',
        'istio_requests_total',
        `reporter="source",source_workload_namespace!="elsewhere",destination_workload_namespace="unknown",destination_workload="unknown",destination_service=~"^.+\\\\.${namespace}\\\\..+$"`,
        requests,
      ),
    },
    edges('requests in', 'istio_requests_total', incoming, requests, ['grpc_response_status']),
    edges('requests out', 'istio_requests_total', outgoing, requests, ['grpc_response_status']),
    edges('TCP in', 'istio_tcp_sent_bytes_total', incoming, bytes, ['app']),
    edges('TCP out', 'istio_tcp_received_bytes_total', outgoing, bytes, ['app']),
    edges('throughput', 'istio_response_bytes_sum', outgoing, EDGE),
    edges('locks, requests', 'istio_requests_total', outgoing, secured),
    edges('locks, TCP', 'istio_tcp_sent_bytes_total', outgoing, secured),
    {
      name: 'graph: mean time',
      expr: `round(sum(${sum}) by (${latency.join(',')}) / sum(${count}) by (${latency.join(',')}) > 0,0.001)`,
      labels: latency,
    },
    {
      name: 'graph: 95th part in 100',
      expr: `round(histogram_quantile(0.95, sum(${bucket}) by (${['le', ...latency].join(',')})) > 0,0.001)`,
      labels: latency,
    },
    health(
      'from elsewhere into the namespace',
      `destination_service_namespace="${namespace}",source_workload_namespace!="elsewhere",destination_cluster="${cluster}"`,
    ),
    health('out of the namespace', `source_workload_namespace="${namespace}",source_cluster="${cluster}"`),
    health(
      'of a service',
      `destination_service_name="orders",destination_service_namespace="${namespace}",destination_cluster=~"${cluster}|unknown"`,
    ),
    health(
      'of an application',
      `destination_workload_namespace="${namespace}",destination_canonical_service="orders",destination_cluster="${cluster}"`,
    ),
    health(
      'of a workload',
      `destination_workload_namespace="${namespace}",destination_workload="orders",destination_cluster="${cluster}"`,
    ),
    panel('requests', `sum(rate(istio_requests_total${inbound}[${range}]))`),
    panel('requests by version', `sum(rate(istio_requests_total${inbound}[${range}])) by (source_canonical_revision)`),
    panel(
      'request size',
      `sum(rate(istio_request_bytes_sum${inbound}[${range}])) / sum(rate(istio_request_bytes_count${inbound}[${range}]))`,
    ),
    panel(
      'answer size',
      `histogram_quantile(0.99, sum(rate(istio_response_bytes_bucket${inbound}[${range}])) by (le))`,
    ),
    panel(
      'connections',
      `sum(rate(istio_tcp_connections_opened_total{${outgoing},source_cluster="${cluster}"}[${range}]))`,
    ),
    {
      name: 'overview: slowest services',
      expr: `topk(6, histogram_quantile(0.95, sum(rate(istio_request_duration_milliseconds_bucket{destination_workload!="unknown"}[${range}])) by (le,destination_cluster,${SERVICE.join(',')})))`,
      labels: ['destination_cluster', ...SERVICE],
    },
  ];
}
