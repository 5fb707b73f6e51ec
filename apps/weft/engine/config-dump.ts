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

const any = (type: string, message: object): object => ({ '@type': `type.googleapis.com/${type}`, ...message });
const dump = (name: string, fields: object): object => any(`envoy.admin.v3.${name}`, fields);

/** `isStatic`: from a bootstrap file; otherwise by xDS. */
export function configDump(config: ProxyConfig, isStatic: boolean): { readonly configs: readonly object[] } {
  const listeners = [...config.listeners.values()].map((row) =>
    any(LISTENER, toJson(LISTENER, encodeListener(row, WEFT_PROFILE).message) as object),
  );
  const clusters = [...config.clusters.values()].map((row) =>
    any(CLUSTER, toJson(CLUSTER, encodeCluster(row, WEFT_PROFILE).message) as object),
  );
  const routes = [...config.routes.values()].map((row) =>
    any(ROUTES, toJson(ROUTES, encodeRouteConfiguration(row, WEFT_PROFILE).message) as object),
  );
  const endpoints = [...config.endpoints.values()].map((row) =>
    any(ENDPOINTS, toJson(ENDPOINTS, encodeEndpointSet(row, WEFT_PROFILE).message) as object),
  );
  return {
    configs: [
      dump(
        'ListenersConfigDump',
        isStatic
          ? { static_listeners: listeners.map((listener) => ({ listener })) }
          : {
              dynamic_listeners: [...config.listeners.keys()].map((name, index) => ({
                name,
                active_state: { listener: listeners[index] },
              })),
            },
      ),
      dump(
        'ClustersConfigDump',
        isStatic
          ? { static_clusters: clusters.map((cluster) => ({ cluster })) }
          : { dynamic_active_clusters: clusters.map((cluster) => ({ cluster })) },
      ),
      dump(
        'RoutesConfigDump',
        isStatic
          ? { static_route_configs: routes.map((each) => ({ route_config: each })) }
          : { dynamic_route_configs: routes.map((each) => ({ route_config: each })) },
      ),
      dump('EndpointsConfigDump', { dynamic_endpoint_configs: endpoints.map((each) => ({ endpoint_config: each })) }),
    ],
  };
}
