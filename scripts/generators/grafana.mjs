// integrations/grafana/dashboards/*.json: what Grafana imports. The tables below say what each shows; a test asks every query of a real
// Prometheus and of the control plane's own store.
import { failedQuery, failedShareQuery } from '@weft/core/traffic';

/** Grafana puts a time in that holds a few samples. */
const RANGE = '$__rate_interval';
const WIDTH = 24;

const service = 'reporter="source",destination_service_namespace=~"$namespace",destination_service_name=~"$service"';
const inbound = 'reporter="destination",destination_workload_namespace=~"$namespace",destination_workload=~"$workload"';
// Octets and durations are kept by the control plane as the caller's proxy saw them.
const called = 'reporter="source",destination_workload_namespace=~"$namespace",destination_workload=~"$workload"';
const outbound = 'reporter="source",source_workload_namespace=~"$namespace",source_workload=~"$workload"';

const rate = (metric, matchers, by) => `sum by (${by}) (rate(${metric}{${matchers}}[${RANGE}]))`;
const quantile = (q, matchers) =>
  `histogram_quantile(${q}, sum by (le) (rate(istio_request_duration_milliseconds_bucket{${matchers}}[${RANGE}])))`;
const quantiles = (matchers) => [
  { expr: quantile(0.5, matchers), legend: 'p50' },
  { expr: quantile(0.95, matchers), legend: 'p95' },
  { expr: quantile(0.99, matchers), legend: 'p99' },
];
const success = (matchers) => `1 - ${failedShareQuery(matchers, RANGE, 'rate')}`;

const DASHBOARDS = [
  {
    uid: 'weft-services',
    title: 'Weft services',
    variables: [
      ['namespace', 'label_values(istio_requests_total, destination_service_namespace)'],
      [
        'service',
        'label_values(istio_requests_total{destination_service_namespace=~"$namespace"}, destination_service_name)',
      ],
    ],
    panels: [
      { title: 'Success', type: 'stat', unit: 'percentunit', targets: [{ expr: success(service), legend: 'success' }] },
      {
        title: 'Requests a second',
        type: 'stat',
        unit: 'reqps',
        targets: [{ expr: `sum(rate(istio_requests_total{${service}}[${RANGE}]))`, legend: 'requests' }],
      },
      { title: 'p95', type: 'stat', unit: 'ms', targets: [{ expr: quantile(0.95, service), legend: 'p95' }] },
      {
        title: 'Failed a second',
        type: 'stat',
        unit: 'reqps',
        targets: [{ expr: failedQuery(service, RANGE, 'rate'), legend: 'failed' }],
      },
      {
        title: 'Requests a second, by service',
        unit: 'reqps',
        targets: [
          {
            expr: rate('istio_requests_total', service, 'destination_service_name'),
            legend: '{{destination_service_name}}',
          },
        ],
      },
      {
        title: 'Answers a second, by status',
        unit: 'reqps',
        targets: [
          {
            expr: rate('istio_requests_total', service, 'response_code, grpc_response_status'),
            legend: '{{response_code}} {{grpc_response_status}}',
          },
        ],
      },
      { title: 'Latency', unit: 'ms', targets: quantiles(service) },
      {
        title: 'Callers, requests a second',
        unit: 'reqps',
        targets: [
          {
            expr: rate('istio_requests_total', service, 'source_workload_namespace, source_workload'),
            legend: '{{source_workload_namespace}}/{{source_workload}}',
          },
        ],
      },
      {
        title: 'Requests a second, by mutual TLS',
        unit: 'reqps',
        targets: [
          {
            expr: rate('istio_requests_total', service, 'connection_security_policy'),
            legend: '{{connection_security_policy}}',
          },
        ],
      },
      {
        title: 'Response flags, a second',
        unit: 'reqps',
        targets: [
          {
            expr: rate('istio_requests_total', `${service},response_flags!="-"`, 'response_flags'),
            legend: '{{response_flags}}',
          },
        ],
      },
    ],
  },
  {
    uid: 'weft-workloads',
    title: 'Weft workloads',
    variables: [
      ['namespace', 'label_values(istio_requests_total, destination_workload_namespace)'],
      [
        'workload',
        'label_values(istio_requests_total{destination_workload_namespace=~"$namespace"}, destination_workload)',
      ],
    ],
    panels: [
      {
        title: 'Received: requests a second, by caller',
        unit: 'reqps',
        targets: [
          {
            expr: rate('istio_requests_total', inbound, 'source_workload_namespace, source_workload'),
            legend: '{{source_workload_namespace}}/{{source_workload}}',
          },
        ],
      },
      {
        title: 'Received: success',
        unit: 'percentunit',
        targets: [{ expr: success(inbound), legend: 'success' }],
      },
      {
        title: 'Sent: requests a second, by service',
        unit: 'reqps',
        targets: [
          {
            expr: rate('istio_requests_total', outbound, 'destination_service_name'),
            legend: '{{destination_service_name}}',
          },
        ],
      },
      { title: 'Sent: success', unit: 'percentunit', targets: [{ expr: success(outbound), legend: 'success' }] },
      { title: 'Sent: latency', unit: 'ms', targets: quantiles(outbound) },
      {
        title: 'Bodies received, octets a second',
        unit: 'Bps',
        targets: [
          {
            expr: rate('istio_request_bytes_sum', called, 'destination_workload'),
            legend: '{{destination_workload}}',
          },
        ],
      },
      {
        title: 'TCP sent to callers, octets a second',
        unit: 'Bps',
        targets: [
          {
            expr: rate('istio_tcp_sent_bytes_total', called, 'destination_workload'),
            legend: '{{destination_workload}}',
          },
        ],
      },
      {
        title: 'TCP connections opened a second',
        unit: 'cps',
        targets: [
          {
            expr: rate('istio_tcp_connections_opened_total', called, 'destination_workload'),
            legend: '{{destination_workload}}',
          },
        ],
      },
    ],
  },
  {
    uid: 'weft-proxies',
    title: 'Weft proxies',
    // Envoy's own statistics; the control plane's store has none of them.
    needs: 'a Prometheus that scrapes the proxies',
    variables: [['workload', 'label_values(envoy_server_live, workload)']],
    panels: [
      {
        title: 'Memory',
        unit: 'bytes',
        targets: [{ expr: 'envoy_server_memory_physical_size{workload=~"$workload"}', legend: '{{workload}}' }],
      },
      {
        title: 'Connections of callers',
        unit: 'short',
        targets: [
          {
            expr: 'sum by (workload) (envoy_http_downstream_cx_active{workload=~"$workload"})',
            legend: '{{workload}}',
          },
        ],
      },
      {
        title: 'Connections to endpoints, by cluster',
        unit: 'short',
        targets: [
          {
            expr: 'sum by (workload, envoy_cluster_name) (envoy_cluster_upstream_cx_active{workload=~"$workload"})',
            legend: '{{workload}} {{envoy_cluster_name}}',
          },
        ],
      },
      {
        title: 'Retries a second',
        unit: 'reqps',
        targets: [
          {
            expr: `sum by (workload, envoy_cluster_name) (rate(envoy_cluster_upstream_rq_retry{workload=~"$workload"}[${RANGE}]))`,
            legend: '{{workload}} {{envoy_cluster_name}}',
          },
        ],
      },
      {
        title: 'Endpoints out: unhealthy',
        unit: 'short',
        targets: [
          {
            expr: 'sum by (workload, envoy_cluster_name) (envoy_cluster_membership_total{workload=~"$workload"} - envoy_cluster_membership_healthy{workload=~"$workload"})',
            legend: '{{workload}} {{envoy_cluster_name}}',
          },
        ],
      },
      {
        title: 'Connections that could not be made, a second',
        unit: 'cps',
        targets: [
          {
            expr: `sum by (workload, envoy_cluster_name) (rate(envoy_cluster_upstream_cx_connect_fail{workload=~"$workload"}[${RANGE}]))`,
            legend: '{{workload}} {{envoy_cluster_name}}',
          },
        ],
      },
    ],
  },
  {
    uid: 'weft-control-plane',
    title: 'Weft control plane',
    variables: [],
    panels: [
      {
        title: 'Proxies, by state',
        unit: 'short',
        targets: [{ expr: 'sum by (state) (weft_proxies)', legend: '{{state}}' }],
      },
      { title: 'Streams', unit: 'short', targets: [{ expr: 'sum(pilot_xds)', legend: 'streams' }] },
      {
        title: 'Pushes a second, by type',
        unit: 'ops',
        targets: [{ expr: `sum by (type) (rate(pilot_xds_pushes[${RANGE}]))`, legend: '{{type}}' }],
      },
      {
        title: 'Resources that proxies refused',
        unit: 'short',
        targets: [{ expr: `sum by (type) (increase(pilot_total_xds_rejects[${RANGE}]))`, legend: '{{type}}' }],
      },
      {
        title: 'From a change until a proxy holds it',
        unit: 's',
        targets: [0.5, 0.99].map((q) => ({
          expr: `histogram_quantile(${q}, sum by (le) (rate(pilot_proxy_convergence_time_bucket[${RANGE}])))`,
          legend: `p${q * 100}`,
        })),
      },
      {
        title: 'Certificates issued',
        unit: 'short',
        targets: [{ expr: `sum(increase(citadel_server_csr_count[${RANGE}]))`, legend: 'issued' }],
      },
      {
        title: 'Callers refused, by reason',
        unit: 'short',
        targets: [{ expr: `sum by (reason) (increase(weft_refusals_total[${RANGE}]))`, legend: '{{reason}}' }],
      },
      {
        title: 'CPU, cores',
        unit: 'short',
        targets: [
          {
            expr: `sum(rate(process_cpu_seconds_total{job=~"weft-control-plane|"}[${RANGE}]))`,
            legend: 'cores',
          },
        ],
      },
      {
        title: 'Memory',
        unit: 'bytes',
        targets: [{ expr: 'sum(process_resident_memory_bytes{job=~"weft-control-plane|"})', legend: 'resident' }],
      },
      {
        title: 'Edges that are counted',
        unit: 'short',
        targets: [{ expr: 'sum(weft_traffic_edges)', legend: 'edges' }],
      },
    ],
  },
];

const source = { type: 'prometheus', uid: '${datasource}' };

function panelOf({ title, type = 'timeseries', unit, targets }, id, gridPos) {
  return {
    id,
    title,
    type,
    datasource: source,
    gridPos,
    fieldConfig: {
      defaults: { unit, ...(unit === 'percentunit' ? { max: 1 } : { min: 0 }) },
      overrides: [],
    },
    options:
      type === 'stat'
        ? {
            reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
            colorMode: 'value',
            graphMode: 'area',
          }
        : {
            legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
            tooltip: { mode: 'multi', sort: 'desc' },
          },
    targets: targets.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: source,
      expr,
      legendFormat: legend,
      range: true,
    })),
  };
}

function laidOut(panels) {
  let [x, y] = [0, 0];
  return panels.map((panel, index) => {
    const [w, h] = panel.type === 'stat' ? [6, 4] : [12, 8];
    const at = { x, y, w, h };
    x += w;
    if (x >= WIDTH) [x, y] = [0, y + h];
    return panelOf(panel, index + 1, at);
  });
}

function dashboardOf({ uid, title, needs, variables, panels }) {
  return {
    uid,
    title,
    description: needs === undefined ? '' : `Needs ${needs}.`,
    tags: ['weft'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    timezone: 'browser',
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        ...variables.map(([name, query]) => ({
          name,
          type: 'query',
          datasource: source,
          query: { query, refId: name },
          definition: query,
          refresh: 2,
          includeAll: true,
          allValue: '.*',
          multi: true,
          current: { text: 'All', value: '$__all' },
          sort: 1,
        })),
      ],
    },
    annotations: { list: [] },
    panels: laidOut(panels),
  };
}

export function outputs() {
  return new Map(
    DASHBOARDS.map((dashboard) => [
      `integrations/grafana/dashboards/${dashboard.uid}.json`,
      `${JSON.stringify(dashboardOf(dashboard), undefined, 2)}\n`,
    ]),
  );
}
