/**
 * The unit of compilation: one proxy (DESIGN, idea 4). `id`, `workloads` and `mesh` are attested by the control plane (binding of the
 * agent's identity), the rest is stated by the client in its xDS node and trusted only for itself.
 */
export type ProxyRole = 'sidecar' | 'gateway' | 'node' | 'waypoint' | 'zone' | 'grpc';

export interface ClientEngine {
  readonly name: 'weft' | 'envoy' | 'grpc';
  readonly version: string;
  /** Words for what this client can do beyond its engine's base profile. */
  readonly features: readonly string[];
}

export interface Proxy {
  /** `namespace/workload`, the xDS node id of a sidecar. */
  readonly id: string;
  readonly role: ProxyRole;
  readonly engine: ClientEngine;
  readonly mesh: string;
  /** Keys (`namespace/name`) of the workloads it represents. */
  readonly workloads: readonly string[];
  readonly network: string;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  /** Outbound listeners asked for by `weft run --upstream`. */
  readonly upstreams: readonly UpstreamRequest[];
  /** Port of the explicit HTTP forward proxy on loopback (`--http-proxy`), 0: none. */
  readonly httpProxyPort: number;
  /** Key of the Gateway that it serves, attested by its identity; '' for every other role. */
  readonly gateway: string;
}

/** `--upstream SERVICE[:PORT]=LOCALPORT`: `service` is `namespace/name`; port undefined: the service's only port. */
export interface UpstreamRequest {
  readonly service: string;
  readonly port: number | undefined;
  readonly localPort: number;
}
