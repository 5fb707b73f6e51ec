/**
 * The explicit HTTP forward proxy of a sidecar (`--http-proxy`, RFC 9110, 7.3.2 and 9.3.6): one virtual host a service, by all its names;
 * CONNECT opens an opaque connection to any port of a service. A host that is no service of the mesh gets 404.
 */
import { nameOf, namespaceOf, parsePortKey, type ServiceRow } from '@weft/core/mesh-view';
import type { Listener, Route, RouteConfiguration, VirtualHost } from '@weft/core/proxy-config';
import { NO_MUTATIONS } from '../behaviours/header-modifier/mutations.ts';
import { UPGRADES } from '../defaults.ts';
import type { Query, QueryContext } from '../incremental/query.ts';
import { HTTP_PROXY_NAME, outboundName } from '../names.ts';
import { routesRequests } from '../profiles.ts';
import { httpManager } from './http-manager.ts';
import { chain, http, listener, loopbacks } from './listener.ts';
import { outboundScope, type OutboundClass } from './outbound-class.ts';
import { forwardTo, portRoutes, routeConfiguration, virtualHost } from './routes.ts';

/** By the local port. */
export const proxyListener: Query<number, Listener> = {
  name: 'http-proxy-listener',
  keyOf: String,
  compute: (_context, port) =>
    listener({
      name: HTTP_PROXY_NAME,
      addresses: loopbacks(port),
      direction: 'outbound',
      chains: [
        chain(
          HTTP_PROXY_NAME,
          http(
            httpManager({
              statPrefix: HTTP_PROXY_NAME,
              direction: 'outbound',
              routes: { kind: 'rds', name: HTTP_PROXY_NAME },
              upgrades: [...UPGRADES, 'connect'],
            }),
          ),
          undefined,
        ),
      ],
      source: undefined,
    }),
};

interface HostOf {
  readonly class: OutboundClass;
  readonly port: string;
}

export const proxyRouteTable: Query<OutboundClass, RouteConfiguration> = {
  name: 'http-proxy-routes',
  keyOf: (of) => `${of.engine} ${of.namespace}`,
  compute: (context, of) =>
    routeConfiguration(
      HTTP_PROXY_NAME,
      context
        .ask(outboundScope, { ...of, upstreams: [], everything: true })
        .ports.map((port) => serviceHost(context, { class: of, port })),
    ),
};

function serviceHost(context: QueryContext, { class: of, port: key }: HostOf): VirtualHost {
  const { service: serviceKey, port: number } = parsePortKey(key);
  const service = context.read('service', serviceKey);
  const port = service?.ports.find((candidate) => candidate.port === number);
  if (service === undefined || port === undefined) return virtualHost(key, [], []);
  const requests = routesRequests(of.engine, port.protocol)
    ? context.ask(portRoutes, { port: key, engine: of.engine })
    : [];
  return virtualHost(outboundName(key), domains(service, number, of.namespace), [
    connect(key, port.source),
    ...requests,
  ]);
}

/** `name`, `name.ns`, `name.ns.svc`, `name.ns.mesh`, each with the port and, for port 80 or an only port, without. */
function domains(service: ServiceRow, port: number, namespace: string): string[] {
  const [own, name] = [namespaceOf(service.key), nameOf(service.key)];
  const qualified = [`${name}.${own}`, `${name}.${own}.svc`, `${name}.${own}.svc.cluster.local`, `${name}.${own}.mesh`];
  const names = own === namespace ? [name, ...qualified] : qualified;
  const bare = port === 80 || service.ports.length === 1;
  return names.flatMap((host) => (bare ? [host, `${host}:${port}`] : [`${host}:${port}`]));
}

const connect = (port: string, source: string): Route => ({
  name: source,
  match: {
    path: { kind: 'connect' },
    headers: [],
    queryParameters: [],
    grpc: false,
    fraction: undefined,
  },
  action: { ...forwardTo(outboundName(port)), upgrades: [{ type: 'connect', enabled: true }] },
  headers: NO_MUTATIONS,
  source,
});
