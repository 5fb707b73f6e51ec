/** EndpointSet to envoy.config.endpoint.v3.ClusterLoadAssignment. */
import type { Endpoint, EndpointSet, EndpointWorkload, LocalityEndpoints } from '@weft/core/proxy-config';
import type { ClientProfile } from '../../profile/index.ts';
import type { JsonValue, Messages } from '../../tables/index.ts';
import { encodeAddress } from '../base/address.ts';
import { Encoding, filled, some, unless, type Encoded } from '../base/encoding.ts';
import { enumName } from '../base/enumeration.ts';
import { LB_METADATA, lbMetadataValue } from '../base/lb-metadata.ts';
import { WEFT_METADATA } from '../base/metadata.ts';
import { HEALTH } from './decode.ts';
import { OVERPROVISIONING_FACTOR, TRANSPORT_KEY, TRANSPORT_METADATA } from './standards.ts';

type Assignment = Messages['envoy.config.endpoint.v3.ClusterLoadAssignment'];

export function encodeEndpointSet(set: EndpointSet, profile: ClientProfile): Encoded<Assignment> {
  const encoding = new Encoding(profile, `endpoints[${set.name}]`);
  return { message: endpointSetMessage(set, encoding), diagnostics: encoding.diagnostics() };
}

export function endpointSetMessage(set: EndpointSet, encoding: Encoding): Assignment {
  const grpc = encoding.profile.engine === 'grpc';
  if (grpc) checkForGrpc(set, encoding);
  const factor = unless(set.overprovisioningFactor, OVERPROVISIONING_FACTOR);
  return {
    cluster_name: set.name,
    endpoints: some(set.localities.map((locality) => localityMessage(locality, grpc))),
    policy: factor === undefined || grpc ? undefined : { overprovisioning_factor: factor },
  };
}

/** gRPC leaves out localities without a weight and needs each to be stated (gRFC A27). */
function localityMessage(
  locality: LocalityEndpoints,
  grpc: boolean,
): Messages['envoy.config.endpoint.v3.LocalityLbEndpoints'] {
  const { region, zone, subZone } = locality.locality;
  const place = { region: region || undefined, zone: zone || undefined, sub_zone: subZone || undefined };
  const weight = grpc ? Math.max(1, locality.weight) : unless(locality.weight, 0);
  return {
    locality: grpc ? place : filled(place),
    lb_endpoints: some(locality.endpoints.map((endpoint) => endpointMessage(endpoint, grpc))),
    load_balancing_weight: weight,
    priority: unless(locality.priority, 0),
  };
}

const endpointMessage = (endpoint: Endpoint, grpc: boolean): Messages['envoy.config.endpoint.v3.LbEndpoint'] => ({
  endpoint: {
    address: encodeAddress(endpoint.address),
    additional_addresses: grpc ? undefined : furtherAddresses(endpoint),
    hostname: endpoint.hostname || undefined,
    health_check_config:
      endpoint.healthCheck === undefined || grpc ? undefined : encodeHealthCheckConfig(endpoint.healthCheck),
  },
  health_status: enumName(endpoint.health, HEALTH),
  metadata: grpc ? undefined : endpointMetadata(endpoint),
  load_balancing_weight: unless(endpoint.weight, 1),
});

const furtherAddresses = ({ address, additionalIps = [] }: Endpoint) =>
  address.kind === 'ip' ? some(additionalIps.map((ip) => ({ address: encodeAddress({ ...address, ip }) }))) : undefined;

const encodeHealthCheckConfig = ({
  port,
  hostname,
  disabled,
}: NonNullable<Endpoint['healthCheck']>): Messages['envoy.config.endpoint.v3.Endpoint.HealthCheckConfig'] => ({
  port_value: unless(port, 0),
  hostname: hostname || undefined,
  disable_active_health_check: disabled ? true : undefined,
});

function endpointMetadata({
  workload,
  lbMetadata,
  metadata = [],
}: Endpoint): Messages['envoy.config.core.v3.Metadata'] | undefined {
  if (workload === undefined && lbMetadata.length + metadata.length === 0) return undefined;
  const namespaces = new Map<string, { readonly [key: string]: JsonValue }>(metadata);
  if (workload !== undefined) addWorkload(workload, namespaces);
  if (lbMetadata.length > 0) namespaces.set(LB_METADATA, lbMetadataValue(lbMetadata));
  return { filter_metadata: namespaces };
}

function addWorkload(workload: EndpointWorkload, namespaces: Map<string, { readonly [key: string]: JsonValue }>): void {
  const texts: Record<string, string> = {};
  if (workload.workload !== '') texts['workload'] = workload.workload;
  if (workload.identity !== '') texts['identity'] = workload.identity;
  if (workload.app !== '') texts['app'] = workload.app;
  if (workload.version !== '') texts['version'] = workload.version;
  namespaces.set(WEFT_METADATA, texts);
  if (workload.transport === 'plaintext') namespaces.set(TRANSPORT_METADATA, { [TRANSPORT_KEY]: 'plaintext' });
}

/** What grpc-js-xds refuses in an endpoint resource. */
function checkForGrpc(set: EndpointSet, encoding: Encoding): void {
  const priorities = new Set(set.localities.map((locality) => locality.priority));
  for (let priority = 0; priority < priorities.size; priority += 1) {
    if (!priorities.has(priority))
      encoding.cannotSay('localities', `priority ${priority} is left out: gRPC wants them without gaps`, 'error');
  }
  set.localities.forEach((locality, at) => {
    locality.endpoints.forEach((endpoint, index) => {
      const path = `localities[${at}].endpoints[${index}].address`;
      if (endpoint.address.kind !== 'ip') encoding.cannotSay(path, 'gRPC takes IP addresses only', 'error');
      if (endpoint.additionalIps !== undefined)
        encoding.cannotSay(path, 'gRPC clients are told the first address only');
    });
  });
}
