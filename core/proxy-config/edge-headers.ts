/**
 * Headers that Envoy's connection manager takes from peers inside alone: an edge (`use_remote_address`) drops them of every request, and whoever
 * configures an edge without that option has to.
 */
export const EDGE_HEADERS = [
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  'x-envoy-original-path',
  'x-envoy-original-host',
  'x-envoy-attempt-count',
  'x-envoy-external-address',
] as const;
