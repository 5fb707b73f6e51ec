/** The node that a client states in the first request of a stream (envoy.config.core.v3.Node). Claims, not proof. */
import type { ClientProfile, Engine } from '../profile/index.ts';
import type { JsonObject, Messages } from '../tables/index.ts';

export interface NodeClaims {
  readonly id: string;
  readonly cluster: string;
  readonly metadata: JsonObject;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  readonly userAgent: string;
  readonly version: string;
  readonly clientFeatures: readonly string[];
}

export const NO_NODE: NodeClaims = {
  id: '',
  cluster: '',
  metadata: {},
  locality: { region: '', zone: '', subZone: '' },
  userAgent: '',
  version: '',
  clientFeatures: [],
};

export function decodeNode(node: Messages['envoy.config.core.v3.Node']): NodeClaims {
  const build = node.user_agent_build_version?.version;
  const version =
    build === undefined ? '' : [build.major_number, build.minor_number, build.patch].map((n) => n ?? 0).join('.');
  return {
    id: node.id ?? '',
    cluster: node.cluster ?? '',
    metadata: node.metadata ?? {},
    locality: {
      region: node.locality?.region ?? '',
      zone: node.locality?.zone ?? '',
      subZone: node.locality?.sub_zone ?? '',
    },
    userAgent: node.user_agent_name ?? '',
    version: node.user_agent_version ?? version,
    clientFeatures: node.client_features ?? [],
  };
}

export const encodeNode = (node: NodeClaims): Messages['envoy.config.core.v3.Node'] => ({
  id: node.id,
  cluster: node.cluster,
  ...(Object.keys(node.metadata).length === 0 ? {} : { metadata: node.metadata }),
  ...(node.locality.region + node.locality.zone + node.locality.subZone === ''
    ? {}
    : { locality: { region: node.locality.region, zone: node.locality.zone, sub_zone: node.locality.subZone } }),
  user_agent_name: node.userAgent,
  ...(node.version === '' ? {} : { user_agent_version: node.version }),
  client_features: node.clientFeatures,
});

/** Our engine says `weft`, Envoy `envoy`, the gRPC libraries names that start with `gRPC`. Anything else is treated as Envoy. */
export function profileOf(node: NodeClaims): ClientProfile {
  const agent = node.userAgent.toLowerCase();
  const engine: Engine = agent === 'weft' ? 'weft' : agent.startsWith('grpc') ? 'grpc' : 'envoy';
  return { engine, version: node.version, features: new Set(node.clientFeatures) };
}
