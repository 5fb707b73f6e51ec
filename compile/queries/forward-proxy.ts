/**
 * The explicit HTTP forward proxy of a sidecar (`--http-proxy`, RFC 9110, 7.3.2 and 9.3.6): one virtual host a service, by all its names;
 * CONNECT opens an opaque connection to any port of a service. The most specific host wins, as virtual hosts do: one that is written out, a longer
 * wildcard, a shorter one; then ranges of addresses, the narrower first. A host that is no service of the mesh gets 502, or where the Mesh lets
 * everything out, is resolved and reached.
 */
import { nameOf, namespaceOf, parsePortKey, type ScopeRequest, type ServiceRow } from '@weft/core/mesh-view';
import type {
  DnsCache,
  ForwardAction,
  Listener,
  Route,
  RouteAction,
  RouteConfiguration,
  RouteMatch,
  VirtualHost,
} from '@weft/core/proxy-config';
import { NO_MUTATIONS } from '../behaviours/header-modifier/mutations.ts';
import { UPGRADES } from '../defaults.ts';
import { resolvedBy } from '../behaviours/external/index.ts';
import type { Query, QueryContext } from '../incremental/query.ts';
import { HTTP_PROXY_NAME, outboundName, OUTSIDE_NAME } from '../names.ts';
import { routesRequests, type EngineName } from '../profiles.ts';
import { addressOf, type RangeRoutes, rangesOf } from './address-ranges.ts';
import { callersAt } from './callers.ts';
import { filtersFor } from './http-filters.ts';
import { httpManager } from './http-manager.ts';
import { chain, http, listener, loopbacks } from './listener.ts';
import { cacheOfOutside, cacheOfService, namedHostFilters } from './named-hosts.ts';
import { outboundScope, type OutboundClass, scopeKey } from './outbound-class.ts';
import { forwardTo, portRoutes, routeConfiguration, virtualHost } from './routes.ts';

export const proxyListener: Query<OutboundClass, Listener> = {
  name: 'http-proxy-listener',
  keyOf: (of) => `${proxyTableKey(of)} ${of.httpProxyPort}`,
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
              filters: [
                ...filtersFor(
                  context,
                  context.ask(proxyRouteTable, of).virtualHosts.flatMap((host) => host.routes),
                ),
                ...context.ask(namedHostFilters, scopeFor(of)),
              ],
            }),
          ),
          undefined,
        ),
      ],
      source: undefined,
    }),
};

interface HostsOf {
  readonly engine: EngineName;
  readonly scope: ScopeRequest;
  readonly callers: readonly string[];
}

/** Hosts by the names that every namespace knows them by: most of a table, and the same in all. */
interface Hosts {
  readonly inside: readonly VirtualHost[];
  readonly outside: readonly VirtualHost[];
  /** Routes of ExternalServices by the ranges of their addresses, the narrower first. */
  readonly ranges: readonly Route[];
  /** Port keys of services of the mesh, by namespace, and where in `inside` each stands. */
  readonly byNamespace: ReadonlyMap<string, readonly (readonly [port: string, at: number])[]>;
}

/** Each domain once: services of the mesh go before hosts outside, which may claim any name. */
const sharedHosts: Query<HostsOf, Hosts> = {
  name: 'http-proxy-hosts',
  keyOf: ({ engine, scope, callers }) => [engine, scopeKey(scope), ...callers].join(' '),
  compute(context, { engine, scope, callers }) {
    const inside: VirtualHost[] = [];
    const outside: VirtualHost[] = [];
    const byNamespace = new Map<string, (readonly [string, number])[]>();
    const ranges: RangeRoutes[] = [];
    for (const port of context.ask(outboundScope, scope).ports) {
      const host = context.ask(serviceHost, { engine, port, own: false, callers: callersAt(context, port, callers) });
      if (host === undefined) continue;
      const { service } = parsePortKey(port);
      if (context.read('service', service)?.external !== undefined) {
        outside.push(host);
        ranges.push(...rangesOf(context, port, host.routes));
        continue;
      }
      const ports = byNamespace.get(namespaceOf(service)) ?? [];
      byNamespace.set(namespaceOf(service), ports);
      ports.push([port, inside.length]);
      inside.push(host);
    }
    const taken = new Set<string>();
    return {
      inside: inside.map((host) => untaken(host, taken)),
      outside: outside.map((host) => untaken(host, taken)),
      byNamespace,
      ranges: ranges.toSorted((a, b) => b.prefix - a.prefix).flatMap(({ routes }) => routes),
    };
  },
};

/** Without the domains of others, which it adds its own to. */
function untaken(host: VirtualHost, taken: Set<string>): VirtualHost {
  const domains = host.domains.filter((domain) => !taken.has(domain));
  for (const domain of domains) taken.add(domain);
  return domains.length === host.domains.length ? host : { ...host, domains };
}

interface HostOf {
  readonly engine: EngineName;
  /** Port key. */
  readonly port: string;
  /** For callers of its own namespace, where it answers to its bare name. */
  readonly own: boolean;
  readonly callers: readonly string[];
}

const proxyTableKey = ({ engine, namespace, visibility, callers }: OutboundClass): string =>
  [engine, namespace, visibility, ...callers].join(' ');

export const proxyRouteTable: Query<OutboundClass, RouteConfiguration> = {
  name: 'http-proxy-routes',
  keyOf: proxyTableKey,
  compute(context, of) {
    const { engine, namespace, visibility, callers } = of;
    const shared = context.ask(sharedHosts, { engine, scope: scopeFor(of), callers });
    const inside = [...shared.inside];
    // Bare names are the namespace's own, and nobody else's in the mesh: these have a dot.
    const bare = new Set<string>();
    for (const [port, at] of shared.byNamespace.get(namespace) ?? []) {
      const host = context.ask(serviceHost, { engine, port, own: true, callers: callersAt(context, port, callers) });
      if (host === undefined) continue;
      inside[at] = untaken(host, bare);
    }
    const hosts = [...inside, ...shared.outside.map((host) => without(host, bare))];
    return routeConfiguration(HTTP_PROXY_NAME, [
      ...hosts.filter(({ domains }) => domains.length > 0),
      rest(shared.ranges, lastRoutes(context, visibility)),
    ]);
  },
};

const scopeFor = ({ namespace, visibility }: OutboundClass): ScopeRequest => ({
  namespace: visibility === '' ? '' : namespace,
  upstreams: [],
  asked: [],
  everything: true,
  visibility,
  gateway: '',
});

function without(host: VirtualHost, taken: ReadonlySet<string>): VirtualHost {
  const domains = host.domains.filter((domain) => !taken.has(domain));
  return domains.length === host.domains.length ? host : { ...host, domains };
}

const serviceHost: Query<HostOf, VirtualHost | undefined> = {
  name: 'http-proxy-host',
  keyOf: ({ engine, port, own, callers }) => [engine, own, port, ...callers].join(' '),
  compute(context, { engine, port: key, own, callers }) {
    const { service: serviceKey, port: number } = parsePortKey(key);
    const service = context.read('service', serviceKey);
    const port = service?.ports.find((candidate) => candidate.port === number);
    if (service === undefined || port === undefined || port.protocol === 'udp') return undefined;
    const requests = routesRequests(engine, port.protocol)
      ? context.ask(portRoutes, { port: key, engine, callers })
      : [];
    const cache = cacheOfService(context, service);
    return virtualHost(outboundName(key), domains(service, number, own), [
      connect(key, port.source, cache),
      ...requests,
    ]);
  },
};

/** `name`, `name.ns`, `name.ns.svc`, `name.ns.mesh`, each with the port and, for port 80 or an only port, without. */
function domains(service: ServiceRow, port: number, own: boolean): string[] {
  const { external } = service;
  if (external !== undefined) {
    // Where callers name the host, they name its port too: no other one is connected to.
    const bare = port === 80 || (service.ports.length === 1 && external.endpoints !== undefined);
    const names = [...external.hosts, ...external.addresses.flatMap((range) => addressOf(range) ?? [])];
    return names.flatMap((host) => (bare ? [host, `${host}:${port}`] : [`${host}:${port}`]));
  }
  const [namespace, name] = [namespaceOf(service.key), nameOf(service.key)];
  const whole = `${name}.${namespace}`;
  const qualified = [whole, `${whole}.svc`, `${whole}.svc.cluster.local`, `${whole}.mesh`];
  const names = own ? [name, ...qualified] : qualified;
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

const connect = (port: string, source: string, cache: DnsCache | undefined): Route =>
  opened(route(source, { kind: 'connect' }, tunnelTo(outboundName(port)), source), cache);

const tunnelTo = (cluster: string): ForwardAction => ({
  ...forwardTo(cluster),
  upgrades: [{ type: 'connect', enabled: true }],
});

/** `cache`: where the host is resolved on the way. */
const opened = (made: Route, cache: DnsCache | undefined): Route =>
  cache === undefined ? made : { ...made, filterOverrides: [resolvedBy(cache)] };

const notAService = (why: string): RouteAction => ({
  kind: 'direct-response',
  status: 502,
  body: { kind: 'inline', text: `this host is no service of the mesh${why}\n` },
  bodyFormat: undefined,
});

/** Everything that is no service of the mesh. */
function lastRoutes(context: QueryContext, visibility: string): readonly Route[] {
  const cache = cacheOfOutside(context);
  const of = (connects: RouteAction, forwards: RouteAction): Route[] =>
    [
      route('outside', { kind: 'connect' }, connects, undefined),
      route('outside', { kind: 'prefix', value: '/', ignoreCase: false }, forwards, undefined),
    ].map((made) => opened(made, cache));
  if (cache !== undefined) return of(tunnelTo(OUTSIDE_NAME), forwardTo(OUTSIDE_NAME));
  const answer = notAService(visibility === '' ? '' : `, or Visibility ${visibility} hides it`);
  return of(answer, answer);
}

const rest = (ranges: readonly Route[], last: readonly Route[]): VirtualHost =>
  virtualHost('outside', ['*'], [...ranges, ...last]);
