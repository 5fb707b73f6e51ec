/** What an engine was told, as Envoy's admin endpoint dumps it (envoy.admin.v3.ConfigDump). Secrets stand there by name only. */
import type { ProxyConfig } from '@weft/core/proxy-config';
import { WEFT_PROFILE } from '@weft/envoy/profile';
import {
  CLUSTER,
  encodeCluster,
  encodeEndpointSet,
  encodeListener,
  encodeRouteConfiguration,
  ENDPOINTS,
  LISTENER,
  ROUTES,
} from '@weft/envoy/resources';
import { toJson } from '@weft/envoy/text';
import { redacted } from './redacted.ts';
import type { ConfigDumpAnswer } from '@weft/proxy/admin';
import { answerConfigDump, type ConfigDumpQuery, readConfigDumpQuery } from './config-dump-query.ts';

type DumpMessage = Readonly<Record<string, unknown>>;

const any = (type: string, message: object): DumpMessage => ({ '@type': `type.googleapis.com/${type}`, ...message });
const dump = (name: string, fields: object): DumpMessage => any(`envoy.admin.v3.${name}`, fields);

/** `base`: rows from a bootstrap file; all others came by xDS. */
export function configDump(config: ProxyConfig, base: ProxyConfig, asked: URLSearchParams): ConfigDumpAnswer {
  const query = readConfigDumpQuery(asked);
  if (query === undefined) return { fault: 'Error while parsing name_regex from query params', status: 400 };
  return answerConfigDump(dumps(config, base, query), query);
}

function dumps(config: ProxyConfig, base: ProxyConfig, { wanted, includeEds }: ConfigDumpQuery): DumpMessage[] {
  const parted = (table: 'listeners' | 'clusters' | 'routes'): { fixed: string[]; dynamic: string[] } => {
    const names = [...config[table].keys()].filter(wanted);
    const isFixed = (name: string): boolean => base[table].get(name) === config[table].get(name);
    return { fixed: names.filter(isFixed), dynamic: names.filter((name) => !isFixed(name)) };
  };
  const listeners = parted('listeners');
  const clusters = parted('clusters');
  const routes = parted('routes');
  const all = [
    dump('ListenersConfigDump', {
      ...some('static_listeners', listeners.fixed, (name) => ({ listener: listenerOf(config, name) })),
      ...some('dynamic_listeners', listeners.dynamic, (name) => ({
        name,
        active_state: { listener: listenerOf(config, name) },
      })),
    }),
    dump('ClustersConfigDump', {
      ...some('static_clusters', clusters.fixed, (name) => ({ cluster: clusterOf(config, name) })),
      ...some('dynamic_active_clusters', clusters.dynamic, (name) => ({ cluster: clusterOf(config, name) })),
    }),
    dump('RoutesConfigDump', {
      ...some('static_route_configs', routes.fixed, (name) => ({ route_config: routesOf(config, name) })),
      ...some('dynamic_route_configs', routes.dynamic, (name) => ({ route_config: routesOf(config, name) })),
    }),
  ];
  // As Envoy: what is static stands in its cluster.
  if (includeEds)
    all.push(
      dump('EndpointsConfigDump', {
        ...some('dynamic_endpoint_configs', [...config.endpoints.keys()].filter(wanted), (name) => ({
          endpoint_config: endpointsOf(config, name),
        })),
      }),
    );
  return all;
}

const some = (field: string, names: readonly string[], make: (name: string) => object): object =>
  names.length === 0 ? {} : { [field]: names.map(make) };

function listenerOf({ listeners }: ProxyConfig, name: string): object | undefined {
  const row = listeners.get(name);
  return row && any(LISTENER, redacted(toJson(LISTENER, encodeListener(row, WEFT_PROFILE).message)) as object);
}

function clusterOf({ clusters }: ProxyConfig, name: string): object | undefined {
  const row = clusters.get(name);
  return row && any(CLUSTER, toJson(CLUSTER, encodeCluster(row, WEFT_PROFILE).message) as object);
}

function routesOf({ routes }: ProxyConfig, name: string): object | undefined {
  const row = routes.get(name);
  return row && any(ROUTES, toJson(ROUTES, encodeRouteConfiguration(row, WEFT_PROFILE).message) as object);
}

function endpointsOf({ endpoints }: ProxyConfig, name: string): object | undefined {
  const row = endpoints.get(name);
  return row && any(ENDPOINTS, toJson(ENDPOINTS, encodeEndpointSet(row, WEFT_PROFILE).message) as object);
}
