/** Where a named resource comes from (envoy.config.core.v3.ConfigSource): ADS, a file, or a cluster that serves SDS. */
import type { ResourceFile } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';
import { fromMilliseconds, takeDuration } from './duration.ts';

type ConfigSource = Messages['envoy.config.core.v3.ConfigSource'];

/** Envoy's default, ms. */
const FETCH_TIMEOUT = 15_000;

export const ADS: ConfigSource = { ads: {}, resource_api_version: 'V3' };

/** What listeners, clusters, routes and endpoints come from: a file, or ADS (undefined). */
export function decodeSource(cursor: Cursor<ConfigSource>): ResourceFile | undefined {
  refuseWait(cursor);
  return takeSource(cursor);
}

/** The same with how long is waited for what comes from there (initial_fetch_timeout in ms; 0: until it is there), where that is not Envoy's 15 s. */
export function decodeTimedSource(cursor: Cursor<ConfigSource>): {
  readonly file?: ResourceFile;
  readonly fetchTimeout?: number;
} {
  const fetchTimeout = takeDuration(cursor, 'initial_fetch_timeout', FETCH_TIMEOUT);
  const file = takeSource(cursor);
  return {
    ...(file === undefined ? {} : { file }),
    ...(fetchTimeout === FETCH_TIMEOUT ? {} : { fetchTimeout }),
  };
}

function takeSource(cursor: Cursor<ConfigSource>): ResourceFile | undefined {
  takeVersion(cursor);
  const file = takeFile(cursor);
  if (file === undefined && cursor.within('ads', () => true) !== true)
    cursor.refuse('unsupported-value', 'only ads and path_config_source are supported as the source of this resource');
  return file;
}

/** What a secret comes from: a file, the cluster that serves it, or ADS (neither). */
export interface SecretOrigin {
  readonly sdsCluster: string | undefined;
  readonly file?: ResourceFile;
}

function takeFile(cursor: Cursor<ConfigSource>): ResourceFile | undefined {
  const said = cursor.within('path_config_source', (file) => ({
    path: file.take('path') ?? '',
    watchedDirectory: file.within('watched_directory', (directory) => directory.take('path') ?? '') ?? '',
  }));
  const path = cursor.take('path') ?? '';
  return said ?? (path === '' ? undefined : { path, watchedDirectory: '' });
}

export function decodeSecretSource(cursor: Cursor<ConfigSource>): SecretOrigin {
  refuseWait(cursor);
  takeVersion(cursor);
  const file = takeFile(cursor);
  if (file !== undefined) return { sdsCluster: undefined, file };
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
    cursor.refuse(
      'unsupported-value',
      'only ads, api_config_source and path_config_source are supported as the source of a secret',
    );
  }
  return { sdsCluster: cluster };
}

function takeVersion(cursor: Cursor<ConfigSource>): void {
  const version = cursor.take('resource_api_version');
  if (version !== undefined && version !== 'V3')
    cursor.fault('resource_api_version', 'unsupported-value', 'only V3 is supported');
}

function refuseWait(cursor: Cursor<ConfigSource>): void {
  const wait = cursor.take('initial_fetch_timeout');
  if (wait !== undefined && !((wait.seconds ?? 0) === 15 && wait.nanos === undefined)) {
    cursor.fault('initial_fetch_timeout', 'unsupported-value', 'only the default of 15s is supported here');
  }
}

function takeTransportVersion(api: Cursor<Messages['envoy.config.core.v3.ApiConfigSource']>): void {
  const version = api.take('transport_api_version');
  if (version !== 'V3') api.fault('transport_api_version', 'unsupported-value', 'only V3 is supported', 'set it to V3');
}

export const sourceOf = (file: ResourceFile | undefined, fetchTimeout?: number): ConfigSource => ({
  ...whereFrom(file),
  ...(fetchTimeout === undefined ? {} : { initial_fetch_timeout: fromMilliseconds(fetchTimeout) }),
});

const whereFrom = (file: ResourceFile | undefined): ConfigSource =>
  file === undefined
    ? ADS
    : {
        path_config_source: {
          path: file.path,
          watched_directory: file.watchedDirectory === '' ? undefined : { path: file.watchedDirectory },
        },
        resource_api_version: 'V3',
      };

export const secretSource = ({ sdsCluster: cluster, file }: SecretOrigin): ConfigSource =>
  file !== undefined || cluster === undefined
    ? sourceOf(file)
    : {
        api_config_source: {
          api_type: 'GRPC',
          transport_api_version: 'V3',
          set_node_on_first_message_only: true,
          grpc_services: [{ envoy_grpc: { cluster_name: cluster } }],
        },
        resource_api_version: 'V3',
      };
