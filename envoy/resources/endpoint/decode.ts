/** envoy.config.endpoint.v3.ClusterLoadAssignment to EndpointSet. */
import type {
  Endpoint,
  EndpointSet,
  EndpointWorkload,
  LocalityEndpoints,
  SocketAddress,
} from '@weft/core/proxy-config';
import type { Path, Report } from '../../codec/index.ts';
import type { JsonValue, Messages } from '../../tables/index.ts';
import { decodeAddress, NO_ADDRESS } from '../base/address.ts';
import { readingTexts, type Cursor } from '../base/cursor.ts';
import { takeEnum, type EnumTable } from '../base/enumeration.ts';
import { LB_METADATA, readLbMetadata } from '../base/lb-metadata.ts';
import { takeSplitMetadata, WEFT_METADATA } from '../base/metadata.ts';
import { OVERPROVISIONING_FACTOR, TRANSPORT_KEY, TRANSPORT_METADATA } from './standards.ts';

type Assignment = Messages['envoy.config.endpoint.v3.ClusterLoadAssignment'];

export const HEALTH: EnumTable<
  Endpoint['health'],
  'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY' | 'DRAINING' | 'TIMEOUT' | 'DEGRADED'
> = [
  ['unknown', 'UNKNOWN'],
  ['healthy', 'HEALTHY'],
  ['unhealthy', 'UNHEALTHY'],
  ['draining', 'DRAINING'],
  ['timeout', 'TIMEOUT'],
  ['degraded', 'DEGRADED'],
];

/** `names`: whether endpoints may be host names (DNS clusters). */
export function decodeEndpointSet(cursor: Cursor<Assignment>, names = false): EndpointSet {
  const localities = cursor.each('endpoints', (locality) => decodeLocality(locality, names));
  return {
    name: cursor.take('cluster_name') ?? '',
    localities,
    overprovisioningFactor:
      cursor.within('policy', (policy) => policy.take('overprovisioning_factor')) ?? OVERPROVISIONING_FACTOR,
  };
}

function decodeLocality(
  cursor: Cursor<Messages['envoy.config.endpoint.v3.LocalityLbEndpoints']>,
  names: boolean,
): LocalityEndpoints {
  const locality = cursor.within('locality', (place) => ({
    region: place.take('region') ?? '',
    zone: place.take('zone') ?? '',
    subZone: place.take('sub_zone') ?? '',
  }));
  return {
    locality: locality ?? { region: '', zone: '', subZone: '' },
    priority: cursor.take('priority') ?? 0,
    weight: cursor.take('load_balancing_weight') ?? 0,
    endpoints: cursor.each('lb_endpoints', (endpoint) => decodeEndpoint(endpoint, names)),
  };
}

function decodeEndpoint(cursor: Cursor<Messages['envoy.config.endpoint.v3.LbEndpoint']>, names: boolean): Endpoint {
  const inner = cursor.within('endpoint', (endpoint) => {
    const address = endpoint.within('address', (value) => decodeAddress(value, names));
    if (address === undefined) endpoint.fault('address', 'missing-field', 'an endpoint needs an address');
    const healthCheck = endpoint.within('health_check_config', (check) => ({
      port: check.take('port_value') ?? 0,
      hostname: check.take('hostname') ?? '',
      disabled: check.take('disable_active_health_check') ?? false,
    }));
    if (address?.kind === 'pipe' && (healthCheck?.port ?? 0) !== 0)
      endpoint.fault('health_check_config', 'invalid-value', 'a Unix socket has no port');
    if (address?.kind === 'internal' && (healthCheck?.port ?? 0) !== 0)
      endpoint.fault('health_check_config', 'invalid-value', 'an internal listener has no port');
    const additionalIps = endpoint.each('additional_addresses', (entry) => furtherIp(entry, address));
    return {
      additionalIps,
      address: address ?? NO_ADDRESS,
      hostname: endpoint.take('hostname') ?? '',
      healthCheck,
    };
  });
  if (inner === undefined) cursor.refuse('missing-field', 'an entry needs its endpoint');
  const { known: metadata, others } = takeSplitMetadata(cursor, [WEFT_METADATA, TRANSPORT_METADATA, LB_METADATA]);
  const path = cursor.at('metadata').field('filter_metadata');
  return {
    address: inner?.address ?? NO_ADDRESS,
    ...(inner === undefined || inner.additionalIps.length === 0 ? {} : { additionalIps: inner.additionalIps }),
    hostname: inner?.hostname ?? '',
    healthCheck: inner?.healthCheck,
    health: takeEnum(cursor, 'health_status', HEALTH),
    weight: cursor.take('load_balancing_weight') ?? 1,
    lbMetadata: readLbMetadata(metadata.get(LB_METADATA), path.key(LB_METADATA), cursor.report),
    ...(others.length === 0 ? {} : { metadata: others }),
    workload: decodeWorkload(metadata, path, cursor.report),
  };
}

/** Only IP addresses on the port of the first. */
function furtherIp(
  cursor: Cursor<Messages['envoy.config.endpoint.v3.Endpoint.AdditionalAddress']>,
  first: SocketAddress | undefined,
): string {
  const address = cursor.within('address', (value) => decodeAddress(value, false)) ?? NO_ADDRESS;
  const fits = address.kind === 'ip' && first?.kind === 'ip' && address.port === first.port;
  if (!fits)
    cursor.fault('address', 'unsupported-value', "only IP addresses on the endpoint's own port are supported here");
  return address.kind === 'ip' ? address.ip : '';
}

function decodeWorkload(
  metadata: ReadonlyMap<string, JsonValue>,
  path: Path,
  report: Report,
): EndpointWorkload | undefined {
  const value = metadata.get(WEFT_METADATA);
  const match = metadata.get(TRANSPORT_METADATA);
  const transport =
    match === undefined ? undefined : readingTexts(match, [TRANSPORT_KEY], path.key(TRANSPORT_METADATA), report);
  if (value === undefined) {
    if (match !== undefined)
      report.fault(path.key(TRANSPORT_METADATA), 'unsupported-field', 'needs dev.weft beside it');
    return undefined;
  }
  const texts = readingTexts(value, ['workload', 'identity', 'app', 'version'], path.key(WEFT_METADATA), report);
  const spoken = transport?.[TRANSPORT_KEY];
  if (spoken !== undefined && spoken !== 'plaintext') {
    report.fault(path.key(TRANSPORT_METADATA), 'unsupported-value', 'only plaintext is supported here');
  }
  return {
    workload: texts.workload ?? '',
    identity: texts.identity ?? '',
    app: texts.app ?? '',
    version: texts.version ?? '',
    transport: spoken === 'plaintext' ? 'plaintext' : 'mtls',
  };
}
