/** `/clusters`: Envoy's text form (`cluster::endpoint::stat::value`) and a JSON form with the same facts. */
import type { Engine } from '../engine/engine.ts';
import type { UpstreamCluster, UpstreamEndpoint } from '../upstream/index.ts';

export function clustersText(engine: Engine): string {
  let out = '';
  for (const cluster of engine.clusters.all()) {
    const { name, config, breakers } = cluster;
    out += `${name}::observability_name::${config.altStatName === '' ? name : config.altStatName}\n`;
    for (const [priority, breaker] of [
      ['default', breakers.default],
      ['high', breakers.high],
    ] as const) {
      const limit = breaker.thresholds;
      out += `${name}::${priority}_priority::max_connections::${limit.maxConnections}\n`;
      out += `${name}::${priority}_priority::max_pending_requests::${limit.maxPendingRequests}\n`;
      out += `${name}::${priority}_priority::max_requests::${limit.maxRequests}\n`;
      out += `${name}::${priority}_priority::max_retries::${limit.maxRetries}\n`;
    }
    for (const endpoint of cluster.endpoints.values()) {
      for (const [stat, value] of endpointFacts(endpoint)) out += `${name}::${endpoint.address}::${stat}::${value}\n`;
    }
  }
  return out;
}

export const clustersJson = (engine: Engine): unknown => ({
  cluster_statuses: [...engine.clusters.all()].map((cluster: UpstreamCluster) => ({
    name: cluster.name,
    host_statuses: [...cluster.endpoints.values()].map((endpoint) => ({
      address: endpoint.address,
      ...Object.fromEntries(endpointFacts(endpoint)),
    })),
  })),
});

function endpointFacts(endpoint: UpstreamEndpoint): readonly (readonly [string, string | number])[] {
  const { totals } = endpoint;
  return [
    ['cx_active', endpoint.activeConnections],
    ['cx_connect_fail', totals.connectFailures],
    ['cx_total', totals.connections],
    ['rq_active', endpoint.activeRequests],
    ['rq_error', totals.errors],
    ['rq_success', totals.successes],
    ['rq_timeout', totals.timeouts],
    ['rq_total', totals.requests],
    ['hostname', endpoint.endpoint.hostname],
    ['health_flags', flags(endpoint)],
    ['weight', endpoint.weight],
    ['priority', endpoint.priority],
    ['transport', endpoint.secure ? 'tls' : 'plaintext'],
    ['workload', endpoint.endpoint.workload?.workload ?? ''],
  ];
}

function flags(endpoint: UpstreamEndpoint): string {
  const found = [
    endpoint.checkedHealthy ? '' : '/failed_active_hc',
    endpoint.monitor?.ejected === true ? '/failed_outlier_check' : '',
    ['unhealthy', 'draining', 'timeout'].includes(endpoint.endpoint.health) ? '/failed_eds_health' : '',
    endpoint.endpoint.health === 'degraded' ? '/degraded_eds_health' : '',
  ].join('');
  return found === '' ? 'healthy' : found;
}
