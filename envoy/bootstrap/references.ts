/** What names what in a bootstrap: Envoy refuses a static route to a cluster that is not there, ADS without its cluster, SDS without it. */
import {
  httpConnectionManagers,
  STATIC_SECRET,
  type Cluster,
  type DownstreamTransport,
  type FilterChain,
  type HttpConnectionManager,
  type Listener,
  type UpstreamTransport,
} from '@weft/core/proxy-config';
import type { StatedSecret } from '../codec/index.ts';
import type { Cursor } from '../resources/base/cursor.ts';
import { unpack, type Messages } from '../tables/index.ts';
import type { DynamicResources } from './bootstrap.ts';

type Wire = Messages['envoy.config.bootstrap.v3.Bootstrap'];
type WireChain = Messages['envoy.config.listener.v3.FilterChain'];
type WireRoutes = Messages['envoy.config.route.v3.RouteConfiguration'];

export function checkReferences(
  cursor: Cursor<Wire>,
  listeners: readonly Listener[],
  clusters: readonly Cluster[],
  dynamic: DynamicResources,
  secrets: readonly StatedSecret[],
): void {
  const { report } = cursor;
  const names = new Set(clusters.map((cluster) => cluster.name));
  const at = cursor.at('static_resources');
  const message = cursor.take('static_resources');
  if (dynamic.ads !== undefined && dynamic.ads.cluster !== '' && !names.has(dynamic.ads.cluster)) {
    const path = cursor.at('dynamic_resources').field('ads_config').field('grpc_services').index(0);
    report.fault(path, 'invalid-value', `no static cluster is named ${dynamic.ads.cluster}`);
  }
  const taken = new Map<string, string>();
  listeners.forEach((listener, index) => {
    const path = at.field('listeners').index(index);
    for (const address of [listener.address, ...listener.additionalAddresses]) {
      const key = JSON.stringify(address);
      const other = taken.get(key);
      if ((address.kind === 'ip' || address.kind === 'name') && address.port === 0) continue;
      if (other !== undefined) report.fault(path, 'duplicate-name', `the same address as listener ${other}`);
      taken.set(key, listener.name);
    }
    if (dynamic.ads === undefined && chainsOf(listener).some(routesByAds)) {
      report.fault(path, 'invalid-value', 'routes by ads need dynamic_resources.ads_config');
    }
    const transports = chainsOf(listener).map(({ transport }) => transport);
    for (const name of missingSecrets(transports, secrets))
      report.fault(path, 'invalid-value', `no static secret is named ${name}`);
    for (const name of secretClusters(listener)) {
      if (!names.has(name))
        report.fault(path, 'invalid-value', `no static cluster is named ${name}, which should serve secrets`);
    }
    for (const name of serviceClusters(listener)) {
      if (!names.has(name))
        report.fault(
          path,
          'invalid-value',
          `no cluster is named ${name}, whose service a filter, an access log or a tracer calls`,
        );
    }
    const wire = message?.listeners?.[index];
    for (const [route, cluster] of missingClusters(wire?.filter_chains ?? [], names)) {
      report.fault(
        path,
        'invalid-value',
        `route ${route} names the cluster ${cluster}, which is not there`,
        'add it, or set validate_clusters: false',
      );
    }
  });
  clusters.forEach((cluster, index) => {
    for (const name of missingSecrets([cluster.transport], secrets))
      report.fault(at.field('clusters').index(index), 'invalid-value', `no static secret is named ${name}`);
    if (dynamic.ads !== undefined || cluster.discovery.kind !== 'eds' || cluster.discovery.file !== undefined) return;
    report.fault(
      at.field('clusters').index(index),
      'invalid-value',
      'endpoints by ads need dynamic_resources.ads_config',
    );
  });
}

/** Names of a transport's secrets by where they come from; undefined: files. */
function secretsOf(
  transport: DownstreamTransport | UpstreamTransport,
): { name: string; sdsCluster: string | undefined }[] {
  if (transport.kind === 'plaintext') return [];
  const trust = transport.validation?.trust;
  const sources = [...transport.certificates, ...(trust === undefined ? [] : [trust])];
  return sources.flatMap((source) => (source.kind === 'sds' ? [source] : []));
}

const chainsOf = ({ filterChains, defaultFilterChain }: Listener): readonly FilterChain[] =>
  defaultFilterChain === undefined ? filterChains : [...filterChains, defaultFilterChain];

const routesByAds = ({ terminal }: FilterChain): boolean =>
  terminal.kind === 'http-connection-manager' && asksByAds(terminal.manager.routes);

const asksByAds = (routes: HttpConnectionManager['routes']): boolean =>
  routes.kind === 'scoped' ? routes.scopes === undefined : routes.kind === 'rds' && routes.file === undefined;

const secretClusters = (listener: Listener): string[] =>
  chainsOf(listener)
    .flatMap(({ transport }) => secretsOf(transport))
    .flatMap(({ sdsCluster }) => (sdsCluster === undefined || sdsCluster === STATIC_SECRET ? [] : [sdsCluster]));

/** Clusters of the services that filters ask, and that access logs and spans go to. */
const serviceClusters = (listener: Listener): string[] => [
  ...httpConnectionManagers(listener).flatMap(({ httpFilters }) =>
    httpFilters.flatMap((filter) => {
      if (filter.kind === 'ext-proc') return [filter.service.cluster];
      if (filter.kind === 'ext-authz') return [filter.service.service.cluster];
      return filter.kind === 'rate-limit' ? [filter.service.cluster] : [];
    }),
  ),
  ...httpConnectionManagers(listener).flatMap(({ tracing }) => {
    const provider = tracing?.provider;
    if (provider === undefined) return [];
    return [provider.kind === 'zipkin' ? provider.cluster : provider.exporter.service.cluster];
  }),
  ...[
    ...chainsOf(listener).flatMap(({ terminal }) =>
      terminal.kind === 'tcp-proxy' ? terminal.proxy.accessLogs : terminal.manager.accessLogs,
    ),
    ...(listener.udp?.accessLogs ?? []),
  ].flatMap(({ sink }) => (sink.kind === 'grpc' ? [sink.service.cluster] : [])),
];

/** Static secrets that the bootstrap does not hold. */
const missingSecrets = (
  transports: readonly (DownstreamTransport | UpstreamTransport)[],
  held: readonly StatedSecret[],
): string[] =>
  transports
    .flatMap(secretsOf)
    .flatMap(({ name, sdsCluster }) =>
      sdsCluster === STATIC_SECRET && !held.some((secret) => secret.name === name) ? [name] : [],
    );

/** Clusters that inline routes name and that are not there, unless validate_clusters is false. */
function missingClusters(chains: readonly WireChain[], names: ReadonlySet<string>): [route: string, cluster: string][] {
  return chains.flatMap((chain) =>
    (chain.filters ?? []).flatMap((filter) => {
      const manager =
        filter.typed_config === undefined
          ? undefined
          : unpack(
              'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
              filter.typed_config,
            );
      return manager?.route_config === undefined ? [] : missingIn(manager.route_config, names);
    }),
  );
}

function missingIn(routes: WireRoutes, names: ReadonlySet<string>): [string, string][] {
  if (routes.validate_clusters === false) return [];
  return (routes.virtual_hosts ?? []).flatMap((host) =>
    (host.routes ?? []).flatMap((route, index) => {
      const action = route.route;
      const named = [action?.cluster, ...(action?.weighted_clusters?.clusters ?? []).map((cluster) => cluster.name)];
      return named
        .filter((name) => name !== undefined && name !== '' && !names.has(name))
        .map((name): [string, string] => [route.name ?? `${host.name ?? ''}[${index}]`, name ?? '']);
    }),
  );
}
