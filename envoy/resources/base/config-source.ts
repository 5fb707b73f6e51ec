/** Where a named resource comes from (envoy.config.core.v3.ConfigSource): ADS, or a cluster that serves SDS. */
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';

type ConfigSource = Messages['envoy.config.core.v3.ConfigSource'];

export const ADS: ConfigSource = { ads: {}, resource_api_version: 'V3' };

/** The only source of routes and endpoints here. */
export function expectAds(cursor: Cursor<ConfigSource>): void {
  takeCommon(cursor);
  if (cursor.within('ads', () => true) === true) return;
  cursor.refuse('unsupported-value', 'only ads is supported as the source of this resource');
}

/** The cluster that serves secrets; undefined: ADS. */
export function decodeSecretSource(cursor: Cursor<ConfigSource>): string | undefined {
  takeCommon(cursor);
  const ads = cursor.within('ads', () => true);
  const cluster = cursor.within('api_config_source', (api) => {
    if (api.take('api_type') !== 'GRPC')
      api.fault('api_type', 'unsupported-value', 'only GRPC is supported here', 'set it to GRPC');
    takeTransportVersion(api);
    api.take('set_node_on_first_message_only');
    const names = api.each('grpc_services', (service) =>
      service.within('envoy_grpc', (grpc) => grpc.take('cluster_name') ?? ''),
    );
    if (names.length !== 1 || names[0] === undefined) {
      api.fault('grpc_services', 'unsupported-value', 'exactly one envoy_grpc service is supported here');
    }
    return names[0];
  });
  if (ads === undefined && cluster === undefined) {
    cursor.refuse('unsupported-value', 'only ads and api_config_source are supported as the source of a secret');
  }
  return cluster;
}

function takeCommon(cursor: Cursor<ConfigSource>): void {
  const version = cursor.take('resource_api_version');
  if (version !== undefined && version !== 'V3')
    cursor.fault('resource_api_version', 'unsupported-value', 'only V3 is supported');
  const wait = cursor.take('initial_fetch_timeout');
  if (wait !== undefined && !((wait.seconds ?? 0) === 15 && wait.nanos === undefined)) {
    cursor.fault('initial_fetch_timeout', 'unsupported-value', 'only the default of 15s is supported here');
  }
}

function takeTransportVersion(api: Cursor<Messages['envoy.config.core.v3.ApiConfigSource']>): void {
  const version = api.take('transport_api_version');
  if (version !== 'V3') api.fault('transport_api_version', 'unsupported-value', 'only V3 is supported', 'set it to V3');
}

export const secretSource = (cluster: string | undefined): ConfigSource =>
  cluster === undefined
    ? ADS
    : {
        api_config_source: {
          api_type: 'GRPC',
          transport_api_version: 'V3',
          set_node_on_first_message_only: true,
          grpc_services: [{ envoy_grpc: { cluster_name: cluster } }],
        },
        resource_api_version: 'V3',
      };
