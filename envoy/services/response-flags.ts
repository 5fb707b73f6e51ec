/** Fields of envoy.data.accesslog.v3.ResponseFlags by Envoy's short names of flags. */
import type { Messages } from '../tables/index.ts';

type Flags = Messages['envoy.data.accesslog.v3.ResponseFlags'];

export const FLAGS: Readonly<Record<string, Exclude<keyof Flags, 'unauthorized_details'>>> = {
  LH: 'failed_local_healthcheck',
  UH: 'no_healthy_upstream',
  UT: 'upstream_request_timeout',
  LR: 'local_reset',
  UR: 'upstream_remote_reset',
  UF: 'upstream_connection_failure',
  UC: 'upstream_connection_termination',
  UO: 'upstream_overflow',
  NR: 'no_route_found',
  DI: 'delay_injected',
  FI: 'fault_injected',
  RL: 'rate_limited',
  DC: 'downstream_connection_termination',
  URX: 'upstream_retry_limit_exceeded',
  RLSE: 'rate_limit_service_error',
  IH: 'invalid_envoy_request_headers',
  SI: 'stream_idle_timeout',
  DPE: 'downstream_protocol_error',
  UMSDR: 'upstream_max_stream_duration_reached',
  DT: 'duration_timeout',
  UPE: 'upstream_protocol_error',
  NC: 'no_cluster_found',
  OM: 'overload_manager',
  DF: 'dns_resolution_failure',
};
