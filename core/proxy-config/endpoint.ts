/** Endpoint sets (envoy.config.endpoint.v3.ClusterLoadAssignment). The only table that an endpoint change touches. */
import type { SocketAddress } from './address.ts';
import type { StaticMetadata } from './metadata.ts';
import type { LbMetadata } from './subset.ts';

export interface EndpointSet {
  /** cluster_name: the EDS service name. */
  readonly name: string;
  readonly localities: readonly LocalityEndpoints[];
  /** policy.overprovisioning_factor in percent; Envoy's default 140. */
  readonly overprovisioningFactor: number;
}

export interface LocalityEndpoints {
  readonly locality: Locality;
  /** 0 is the highest. */
  readonly priority: number;
  /** load_balancing_weight; 0: no locality weight stated. */
  readonly weight: number;
  readonly endpoints: readonly Endpoint[];
}

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

export interface Endpoint {
  readonly address: SocketAddress;
  /** additional_addresses: further IP addresses of it, tried when those before them do not answer (RFC 8305), on the same port; absent: none. */
  readonly additionalIps?: readonly string[];
  /** Used by auto host rewrite and health checks; may be empty. */
  readonly hostname: string;
  readonly health: 'unknown' | 'healthy' | 'unhealthy' | 'draining' | 'timeout' | 'degraded';
  /** At least 1; Envoy's default 1. */
  readonly weight: number;
  /** health_check_config: how this endpoint is checked; undefined: as its cluster says. */
  readonly healthCheck:
    | {
        /** 0: the endpoint's. */
        readonly port: number;
        /** Host of HTTP checks that name none; '' for the endpoint's. */
        readonly hostname: string;
        /** disable_active_health_check */
        readonly disabled: boolean;
      }
    | undefined;
  /** Filter metadata `envoy.lb`: which subsets it belongs to. */
  readonly lbMetadata: LbMetadata;
  /** Other filter metadata; read by `%METADATA(UPSTREAM_HOST:...)%` and passed on by `Cluster.passthroughMetadata`; absent: none. */
  readonly metadata?: StaticMetadata;
  /** What the endpoint is, for metrics and identity; travels as filter metadata `dev.weft`. */
  readonly workload: EndpointWorkload | undefined;
}

export interface EndpointWorkload {
  /** `namespace/name` of the Workload. */
  readonly workload: string;
  /** SPIFFE ID, '' when it has none. */
  readonly identity: string;
  readonly app: string;
  readonly version: string;
  /** What the endpoint itself speaks: mtls endpoints are reached by the cluster's TLS transport, plaintext ones without. */
  readonly transport: 'mtls' | 'plaintext';
}

/** Of an endpoint about which only its address is known: Envoy's defaults. */
export const PLAIN_ENDPOINT = {
  hostname: '',
  healthCheck: undefined,
  health: 'unknown',
  weight: 1,
  lbMetadata: [],
  workload: undefined,
} as const satisfies Partial<Endpoint>;
