/**
 * The bootstrap with which real Envoy joins by its agent: ADS and SDS over one Unix socket, everything else from the control plane.
 * It holds no secret; the socket's folder is what admits (DESIGN, idea 7).
 */
import { AGENT_CLUSTER } from '@weft/core/agent-api';
import { type Cluster, PLAIN_CLUSTER, PLAIN_ENDPOINT, type SocketAddress } from '@weft/core/proxy-config';
import { stringify } from 'yaml';
import { ENVOY_PROFILE } from '../../profile/index.ts';
import { encodeAddress } from '../../resources/base/address.ts';
import { ADS } from '../../resources/base/config-source.ts';
import { BUFFER_LIMIT, IDLE_TIMEOUT, PANIC_THRESHOLD, THRESHOLDS } from '../../resources/cluster/standards.ts';
import { HTTP2_OPTIONS } from '../../resources/http/protocol-options.ts';
import { encodeCluster } from '../../resources/index.ts';
import { toJson } from '../../text/index.ts';
import type { JsonObject, Messages } from '../../tables/index.ts';

/** Beyond what any expression has that core/resources lets pass (1,000 instructions there, which classes of characters multiply in RE2). */
const REGEX_PROGRAM_SIZE = 1_000_000;

export interface EnvoyBootstrapOptions {
  readonly node: {
    readonly id: string;
    readonly cluster: string;
    readonly metadata: JsonObject;
    readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  };
  /** Where Envoy's admin endpoint listens; undefined: nowhere. */
  readonly admin: SocketAddress | undefined;
  /** Path of the agent's Unix socket, which serves ADS and SDS; at most 107 bytes. */
  readonly agentSocket: string;
  /** Incremental xDS. */
  readonly delta: boolean;
  readonly maxDownstreamConnections: number | undefined;
}

export function envoyBootstrap(options: EnvoyBootstrapOptions): Messages['envoy.config.bootstrap.v3.Bootstrap'] {
  const { region, zone, subZone } = options.node.locality;
  const limit = options.maxDownstreamConnections;
  return {
    node: {
      id: options.node.id,
      cluster: options.node.cluster,
      metadata: options.node.metadata,
      locality: { region: region || undefined, zone: zone || undefined, sub_zone: subZone || undefined },
    },
    static_resources: { clusters: [encodeCluster(agentCluster(options.agentSocket), ENVOY_PROFILE).message] },
    dynamic_resources: {
      lds_config: ADS,
      cds_config: ADS,
      ads_config: {
        api_type: options.delta ? 'DELTA_GRPC' : 'GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: AGENT_CLUSTER } }],
      },
    },
    layered_runtime: {
      layers: [
        {
          name: 'static',
          static_layer: {
            // Envoy's own limit of 100 refuses what resources allow, and a refused expression holds up a whole response.
            're2.max_program_size.error_level': REGEX_PROGRAM_SIZE,
            're2.max_program_size.warn_level': REGEX_PROGRAM_SIZE,
            ...(limit === undefined ? {} : { 'overload.global_downstream_max_connections': limit }),
          },
        },
        { name: 'admin', admin_layer: {} },
      ],
    },
    admin: options.admin === undefined ? undefined : { address: encodeAddress(options.admin) },
  };
}

/** The same as YAML text. */
export const writeEnvoyBootstrap = (options: EnvoyBootstrapOptions): string =>
  stringify(toJson('envoy.config.bootstrap.v3.Bootstrap', envoyBootstrap(options)), { lineWidth: 0, version: '1.1' });

const agentCluster = (path: string): Cluster => ({
  name: AGENT_CLUSTER,
  ...PLAIN_CLUSTER,
  discovery: {
    kind: 'static',
    endpoints: {
      name: AGENT_CLUSTER,
      localities: [
        {
          locality: { region: '', zone: '', subZone: '' },
          priority: 0,
          weight: 0,
          endpoints: [
            {
              address: { kind: 'pipe', path, mode: 0 },
              ...PLAIN_ENDPOINT,
            },
          ],
        },
      ],
      overprovisioningFactor: 140,
    },
  },
  connectTimeout: 1000,
  perConnectionBufferLimitBytes: BUFFER_LIMIT,
  loadBalancing: { kind: 'round-robin', slowStart: undefined },
  panicThreshold: PANIC_THRESHOLD,
  circuitBreakers: { default: THRESHOLDS, high: THRESHOLDS },
  protocol: { kind: 'http2', options: HTTP2_OPTIONS },
  idleTimeout: IDLE_TIMEOUT,
});
