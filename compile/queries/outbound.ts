/** The caller's side of a proxy. Everything here depends on the proxy's class only: proxies of one class share every object. */
import { certificateName } from '@weft/core/agent-api';
import { byName, parsePortKey, portKey, upstreamPort, type UpstreamRequest } from '@weft/core/mesh-view';
import type { Cluster, EndpointSet, Listener, RouteConfiguration, TerminalFilter } from '@weft/core/proxy-config';
import { detecting, inPlaintext, ofRequests } from '../behaviours/detection/index.ts';
import { standingIn } from '../behaviours/failover/index.ts';
import { BEHAVIOURS } from '../behaviours/index.ts';
import { callersAt } from './callers.ts';
import { consumersAt } from './conf.ts';
import type { Query, QueryContext } from '../incremental/query.ts';
import { outboundName, upstreamListenerName } from '../names.ts';
import { routesRequests, type EngineName } from '../profiles.ts';
import { NOBODY_CLUSTER, outboundCluster } from './cluster.ts';
import { endpointSet, labelsText, localityLabelsAt, NOBODY_ENDPOINTS, placeOf } from './endpoints.ts';
import { proxyListener, proxyRouteTable } from './forward-proxy.ts';
import { apiListeners } from './grpc.ts';
import { egressClusters } from './egress.ts';
import { gatewayRoutes } from './gateway-routes.ts';
import { filtersFor } from './http-filters.ts';
import { httpManager } from './http-manager.ts';
import { chain, http, listener, loopbacks, udp } from './listener.ts';
import { classKey, outboundScope, type OutboundClass, scopeKey, scopeOf } from './outbound-class.ts';
import { cacheOfOutside, isNamedByCallers, outsideCluster } from './named-hosts.ts';
import { passedCluster, passedEndpoints, passedPorts } from './passed.ts';
import { portInput, portOfKey, type PortOf } from './port.ts';
import { portRoutes, routeTable } from './routes.ts';
import { sameRows, table } from './table.ts';
import { tcpByRule, tcpToPort } from './tcp-destination.ts';

export const outboundListeners: Query<OutboundClass, ReadonlyMap<string, Listener>> = {
  name: 'outbound-listeners',
  keyOf: classKey,
  same: sameRows,
  compute(context, of) {
    if (of.engine === 'grpc') return table(context.ask(apiListeners, of));
    const listeners = of.upstreams.flatMap(
      (upstream) => context.ask(upstreamListener, { upstream, engine: of.engine, callers: of.callers }) ?? [],
    );
    return table(of.httpProxyPort === 0 ? listeners : [...listeners, context.ask(proxyListener, of)]);
  },
};

export const outboundRoutes: Query<OutboundClass, ReadonlyMap<string, RouteConfiguration>> = {
  name: 'outbound-routes',
  keyOf: classKey,
  same: sameRows,
  compute(context, of) {
    const asked =
      of.engine === 'grpc' ? context.ask(outboundScope, scopeOf(of)).ports : upstreamPorts(context, of.upstreams);
    const tables = asked.flatMap((port) => {
      const input = portInput(context, { port, engine: of.engine, callers: of.consumers });
      return input !== undefined && routesRequests(of.engine, input.port.protocol)
        ? [context.ask(routeTable, { port, engine: of.engine, callers: callersAt(context, port, of.callers) })]
        : [];
    });
    const own = of.gateway === '' ? [] : context.ask(gatewayRoutes, { gateway: of.gateway, engine: of.engine });
    return table([...tables, ...own, ...(of.httpProxyPort === 0 ? [] : [context.ask(proxyRouteTable, of)])]);
  },
};

/** What of a class its clusters depend on. */
export const clustersKey = (of: OutboundClass): string => [of.engine, scopeKey(scopeOf(of)), ...of.consumers].join(' ');

export const outboundClusters: Query<OutboundClass, ReadonlyMap<string, Cluster>> = {
  name: 'outbound-clusters',
  keyOf: clustersKey,
  same: sameRows,
  compute: (context, of) =>
    table([
      ...context.ask(outboundScope, scopeOf(of)).destinations.flatMap((port) =>
        clustersOf(context, {
          port,
          engine: of.engine,
          gateway: of.gateway,
          callers: consumersAt(context, port, of.consumers),
        }),
      ),
      ...outsideClusters(context, of),
      ...(of.gateway === '' ? [] : context.ask(egressClusters, { gateway: of.gateway, engine: of.engine })),
      ...passedPorts(context, of.gateway).map((port) => context.ask(passedCluster, port)),
      ...(of.engine === 'grpc' ? [NOBODY_CLUSTER] : []),
    ]),
};

/** Of a forward proxy, where the mesh lets everything out. */
function outsideClusters(context: QueryContext, { engine, everything }: OutboundClass): Cluster[] {
  const cache = engine === 'grpc' || !everything ? undefined : cacheOfOutside(context);
  return cache === undefined ? [] : [outsideCluster(cache)];
}

/** With stand-ins two: that of the port's own endpoints, and the one that is called. */
function clustersOf(context: QueryContext, key: ClusterOf): readonly Cluster[] {
  const own = context.ask(clusterOf, key);
  const row = context.read('failover', key.port);
  if (own === undefined) return [];
  if (row === undefined || key.engine === 'grpc') return [own];
  return [own, context.ask(calledCluster, key) ?? []].flat();
}

const calledCluster: Query<ClusterOf, Cluster | undefined> = {
  name: 'called-cluster',
  keyOf: (key) => `${key.gateway} ${portOfKey(key)}`,
  compute(context, key) {
    const own = context.ask(clusterOf, key);
    const row = context.read('failover', key.port);
    return own === undefined || row === undefined
      ? undefined
      : standingIn(own, key.port, row, (to) => context.read('failover', to) !== undefined);
  },
};

interface ClusterOf extends PortOf {
  /** Key of the Gateway that calls; '': none. */
  readonly gateway: string;
}

/** A gateway may show a certificate to services that end TLS themselves; foreign trust domains know its own. */
const clusterOf: Query<ClusterOf, Cluster | undefined> = {
  name: 'cluster-of',
  keyOf: (key) => `${key.gateway} ${portOfKey(key)}`,
  compute(context, { gateway, ...port }) {
    const cluster = spokenByGateways(context.ask(outboundCluster, port), gateway);
    const certificate = gateway === '' ? '' : (context.read('gateway', gateway)?.backendCertificate ?? '');
    if (certificate === '' || cluster?.transport.kind !== 'tls') return cluster;
    const row = context.read('backendTls', port.port);
    if (row === undefined || row.trust.kind === 'federated') return cluster;
    // The Gateway in between shows it.
    if (context.read('service', parsePortKey(port.port).service)?.external?.through !== undefined) return cluster;
    const source = { kind: 'sds', name: certificateName(certificate), sdsCluster: undefined } as const;
    return { ...cluster, transport: { ...cluster.transport, certificates: [source] } };
  },
};

/** Clients of a Gateway know nothing of the application: that it speaks HTTP/2 somebody must say. */
const spokenByGateways = (cluster: Cluster | undefined, gateway: string): Cluster | undefined =>
  gateway !== '' && cluster?.protocol.kind === 'downstream'
    ? { ...cluster, protocol: { kind: 'http1', enableTrailers: true } }
    : cluster;

export const outboundEndpoints: Query<OutboundClass, ReadonlyMap<string, EndpointSet>> = {
  name: 'outbound-endpoints',
  keyOf: (of) => `${of.network} ${placeOf(of.locality)} ${labelsText(of.labels)} ${clustersKey(of)}`,
  same: sameRows,
  compute: (context, of) =>
    table([
      ...context
        .ask(outboundScope, scopeOf(of))
        .destinations.filter((port) => hasWorkloads(context, port))
        .map((port) => {
          const { network, locality } = of;
          const callers = consumersAt(context, port, of.consumers);
          const labels = localityLabelsAt(context, { port, callers }, of.labels);
          return context.ask(endpointSet, { port, network, locality, labels, callers });
        }),
      ...passedPorts(context, of.gateway).map((port) => context.ask(passedEndpoints, { port, network: of.network })),
      ...(of.engine === 'grpc' ? [NOBODY_ENDPOINTS] : []),
    ]),
};

/** Of the mesh, or of the Gateway that a host outside is reached by. */
function hasWorkloads(context: QueryContext, port: string): boolean {
  const external = context.read('service', parsePortKey(port).service)?.external;
  return external === undefined || external.through !== undefined;
}

interface UpstreamOf {
  readonly upstream: UpstreamRequest;
  readonly engine: EngineName;
  readonly callers: readonly string[];
}

/** undefined: the service or its port is not there (yet); nothing listens until it is. */
const upstreamListener: Query<UpstreamOf, Listener | undefined> = {
  name: 'upstream-listener',
  keyOf: ({ upstream: { localPort, service, port }, engine, callers }) =>
    [engine, localPort, service, port ?? '', ...callers].join(' '),
  compute(context, { upstream, engine, callers }) {
    const port = upstreamPort(context, upstream);
    if (port === undefined || isNamedByCallers(context, upstream.service)) return undefined;
    const key = portKey(upstream.service, port.port);
    const name = upstreamListenerName(upstream.localPort);
    const statPrefix = outboundName(key);
    const rule = context.read('tcpRule', key);
    if (port.protocol === 'udp') {
      const base = { name, addresses: loopbacks(upstream.localPort), direction: 'outbound', chains: [] } as const;
      return udp(listener({ ...base, source: port.source }), statPrefix, outboundName(key));
    }
    const routed = routesRequests(engine, port.protocol)
      ? http(
          httpManager({
            statPrefix,
            direction: 'outbound',
            routes: { kind: 'rds', name: outboundName(key) },
            filters: filtersFor(
              context,
              context.ask(portRoutes, { port: key, engine, callers: callersAt(context, key, callers) }),
            ),
          }),
        )
      : undefined;
    const opaque = (): TerminalFilter =>
      rule === undefined ? tcpToPort(context, statPrefix, key, callers) : tcpByRule(context, statPrefix, rule, callers);
    const base = chain(name, routed ?? opaque(), rule?.source ?? port.source);
    const detected = port.protocol === 'auto';
    const made = listener({
      name,
      addresses: loopbacks(upstream.localPort),
      direction: 'outbound',
      chains: detected
        ? [ofRequests(base), chain(`${name}/opaque`, opaque(), port.source)].flatMap(inPlaintext)
        : [base],
      source: port.source,
    });
    const input = portInput(context, { port: key, engine, callers });
    return input === undefined
      ? undefined
      : BEHAVIOURS.reduce(
          (sum, behaviour) => behaviour.outboundListener?.(sum, input) ?? sum,
          detected ? detecting(made) : made,
        );
  },
};

/** Port keys asked for by name, each once, sorted. */
function upstreamPorts(context: QueryContext, upstreams: readonly UpstreamRequest[]): string[] {
  const keys = upstreams.flatMap((upstream) => {
    const port = upstreamPort(context, upstream);
    return port === undefined ? [] : [portKey(upstream.service, port.port)];
  });
  return [...new Set(keys)].sort(byName);
}
