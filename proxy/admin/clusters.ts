/** `/clusters`: Envoy's text form (`cluster::endpoint::stat::value`) and a JSON form with the same facts. */
import type { ClusterReport } from './report.ts';

export function clustersText(clusters: readonly ClusterReport[]): string {
  let out = '';
  for (const { name, observabilityName, limits, endpoints } of clusters) {
    out += `${name}::observability_name::${observabilityName}\n`;
    for (const [priority, limit] of limits) {
      out += `${name}::${priority}_priority::max_connections::${limit.maxConnections}\n`;
      out += `${name}::${priority}_priority::max_pending_requests::${limit.maxPendingRequests}\n`;
      out += `${name}::${priority}_priority::max_requests::${limit.maxRequests}\n`;
      out += `${name}::${priority}_priority::max_retries::${limit.maxRetries}\n`;
    }
    for (const { address, counts, facts } of endpoints) {
      for (const [stat, value] of [...Object.entries(counts), ...Object.entries(facts)])
        out += `${name}::${address}::${stat}::${value}\n`;
    }
  }
  return out;
}

export const clustersJson = (clusters: readonly ClusterReport[]): unknown => ({
  cluster_statuses: clusters.map(({ name, endpoints }) => ({
    name,
    host_statuses: endpoints.map(({ address, counts, facts }) => ({ address, ...counts, ...facts })),
  })),
});
