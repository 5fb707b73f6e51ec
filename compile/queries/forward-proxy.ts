/**
 * The explicit HTTP forward proxy of a sidecar (`--http-proxy`, RFC 9110, 7.3.2 and 9.3.6): one virtual host a service, by all its names;
 * CONNECT opens an opaque connection to any port of a service. A host that is no service of the mesh gets 502.
 */
import { nameOf, namespaceOf, parsePortKey, type ServiceRow } from '@weft/core/mesh-view';
import type {
  Listener,
  Route,
  RouteAction,
  RouteConfiguration,
  RouteMatch,
  VirtualHost,
} from '@weft/core/proxy-config';
import { NO_MUTATIONS } from '../behaviours/header-modifier/mutations.ts';
import { UPGRADES } from '../defaults.ts';
import type { Query } from '../incremental/query.ts';
import { HTTP_PROXY_NAME, outboundName } from '../names.ts';
import { routesRequests, type EngineName } from '../profiles.ts';
import { filtersFor } from './http-filters.ts';
import { httpManager } from './http-manager.ts';
import { chain, http, listener, loopbacks } from './listener.ts';
import { outboundScope, type OutboundClass } from './outbound-class.ts';
import { forwardTo, portRoutes, routeConfiguration, virtualHost } from './routes.ts';

export const proxyListener: Query<OutboundClass, Listener> = {
  name: 'http-proxy-listener',
  keyOf: ({ engine, namespace, visibility, httpProxyPort }) => `${engine} ${namespace} ${visibility} ${httpProxyPort}`,
  compute: (context, of) =>
    listener({
      name: HTTP_PROXY_NAME,
      addresses: loopbacks(of.httpProxyPort),
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
              filters: filtersFor(
                context,
                context.ask(proxyRouteTable, of).virtualHosts.flatMap((host) => host.routes),
              ),
            }),
          ),
          undefined,
        ),
      ],
      source: undefined,
    }),
};

const NOWHERE = { region: '', zone: '', subZone: '' };

/**
 * Each domain once: services of the mesh go before hosts outside, which may claim any name, and what is left without a domain is left out.
 * `external`: by the name of a virtual host.
 */
function distinctDomains(hosts: readonly VirtualHost[], external: ReadonlySet<string>): VirtualHost[] {
  const taken = new Set<string>();
  const own = (host: VirtualHost): VirtualHost => {
    const domains = host.domains.filter((domain) => !taken.has(domain));
    for (const domain of domains) taken.add(domain);
    return domains.length === host.domains.length ? host : { ...host, domains };
  };
  const inside = hosts.filter(({ name }) => !external.has(name)).map(own);
  const outside = hosts.filter(({ name }) => external.has(name)).map(own);
  return [...inside, ...outside].filter(({ domains }) => domains.length > 0);
}

interface HostOf {
  readonly engine: EngineName;
  /** Of the caller: its own services answer to their bare names. */
  readonly namespace: string;
  /** Port key. */
  readonly port: string;
}

export const proxyRouteTable: Query<OutboundClass, RouteConfiguration> = {
  name: 'http-proxy-routes',
  keyOf: ({ engine, namespace, visibility }) => `${engine} ${namespace} ${visibility}`,
  compute(context, { engine, namespace, visibility }) {
    const all: OutboundClass = {
      engine,
      namespace,
      network: '',
      locality: NOWHERE,
      httpProxyPort: 0,
      upstreams: [],
      asked: [],
      everything: true,
      visibility,
      hidden: [],
      gateway: '',
    };
    const ports = context.ask(outboundScope, all).ports;
    const external = new Set(
      ports
        .filter((port) => context.read('service', parsePortKey(port).service)?.external !== undefined)
        .map(outboundName),
    );
    const hosts = ports.flatMap((port) => {
      const host = context.ask(serviceHost, { engine, namespace, port });
      return host === undefined ? [] : [host];
    });
    return routeConfiguration(HTTP_PROXY_NAME, [
      ...distinctDomains(hosts, external),
      visibility === '' ? OUTSIDE : outside(visibility),
    ]);
  },
};

const serviceHost: Query<HostOf, VirtualHost | undefined> = {
  name: 'http-proxy-host',
  keyOf: ({ engine, namespace, port }) => `${engine} ${namespace} ${port}`,
  compute(context, { engine, namespace, port: key }) {
    const { service: serviceKey, port: number } = parsePortKey(key);
    const service = context.read('service', serviceKey);
    const port = service?.ports.find((candidate) => candidate.port === number);
    if (service === undefined || port === undefined || port.protocol === 'udp') return undefined;
    const requests = routesRequests(engine, port.protocol) ? context.ask(portRoutes, { port: key, engine }) : [];
    return virtualHost(outboundName(key), domains(service, number, namespace), [
      connect(key, port.source),
      ...requests,
    ]);
  },
};

/** `name`, `name.ns`, `name.ns.svc`, `name.ns.mesh`, each with the port and, for port 80 or an only port, without. */
function domains(service: ServiceRow, port: number, namespace: string): string[] {
  if (service.external !== undefined) {
    const { host } = service.external;
    return port === 80 || service.ports.length === 1 ? [host, `${host}:${port}`] : [`${host}:${port}`];
  }
  const [own, name] = [namespaceOf(service.key), nameOf(service.key)];
  const qualified = [`${name}.${own}`, `${name}.${own}.svc`, `${name}.${own}.svc.cluster.local`, `${name}.${own}.mesh`];
  const names = own === namespace ? [name, ...qualified] : qualified;
  const bare = port === 80 || service.ports.length === 1;
  return names.flatMap((host) => (bare ? [host, `${host}:${port}`] : [`${host}:${port}`]));
}

const route = (name: string, path: RouteMatch['path'], action: RouteAction, source: string | undefined): Route => ({
  name,
  statPrefix: '',
  match: {
    path,
    headers: [],
    queryParameters: [],
    cookies: [],
    tls: undefined,
    dynamicMetadata: [],
    grpc: false,
    fraction: undefined,
  },
  action,
  headers: NO_MUTATIONS,
  filterOverrides: [],
  metadata: [],
  source,
});

const connect = (port: string, source: string): Route =>
  route(
    source,
    { kind: 'connect' },
    { ...forwardTo(outboundName(port)), upgrades: [{ type: 'connect', enabled: true }] },
    source,
  );

const notAService = (why: string): RouteAction => ({
  kind: 'direct-response',
  status: 502,
  body: { kind: 'inline', text: `this host is no service of the mesh${why}\n` },
  bodyFormat: undefined,
});

/** Everything that is no service of the mesh. */
function outside(visibility: string): VirtualHost {
  const answer = notAService(visibility === '' ? '' : `, or Visibility ${visibility} hides it`);
  return virtualHost(
    'outside',
    ['*'],
    [
      route('outside', { kind: 'connect' }, answer, undefined),
      route('outside', { kind: 'prefix', value: '/', ignoreCase: false }, answer, undefined),
    ],
  );
}

const OUTSIDE = outside('');
