/**
 * The way out of the mesh at a Gateway (ExternalService `egressGateway`; an egress or terminating gateway): on its listener for mutual TLS of the
 * mesh, a chain for each port of such an ExternalService, chosen by the server name that callers' proxies ask for. Requests may be asked what
 * policies about the Gateway say, by the identity of their caller; then they leave as the ExternalService's own policies say.
 */
import { certificateName } from '@weft/core/agent-api';
import { serviceServerName } from '@weft/core/identity';
import { type GatewayListenerRow, ONLY, parsePortKey } from '@weft/core/mesh-view';
import { ANY_CONNECTION, type Cluster, type FilterChain, type HttpFilter, type Route } from '@weft/core/proxy-config';
import { resolvedBy } from '../behaviours/external/index.ts';
import { NO_MUTATIONS } from '../behaviours/header-modifier/mutations.ts';
import { ofMesh } from '../behaviours/mtls/index.ts';
import type { Query, QueryContext } from '../incremental/query.ts';
import { ownName } from '../names.ts';
import { routesRequests } from '../profiles.ts';
import { outboundCluster } from './cluster.ts';
import { edgeFilters, edgeLogs, guardedConnections } from './gateway-policies.ts';
import { type GatewayOf, gatewayKey } from './gateway-routes.ts';
import { httpManager } from './http-manager.ts';
import { chain, http, tcp } from './listener.ts';
import { cacheOfHosts } from './named-hosts.ts';
import { NO_ANSWERS_OF_OTHERS } from './own-answers.ts';
import { routeMatch } from './route-match.ts';
import { ANY, forwardTo, routeConfiguration, virtualHost } from './routes.ts';

/** How the Gateway's processes reach what is reached by it, with the certificate that the Gateway shows. */
export const egressClusters: Query<GatewayOf, readonly Cluster[]> = {
  name: 'egress-clusters',
  keyOf: gatewayKey,
  compute(context, { gateway, engine }) {
    const row = context.read('gateway', gateway);
    const certificate = row?.backendCertificate ?? '';
    return (row?.listeners ?? [])
      .flatMap(({ key }) => context.read('egress', key) ?? [])
      .flatMap((port): Cluster[] => {
        const made = context.ask(outboundCluster, { port, engine, out: true });
        if (made === undefined) return [];
        const cluster = { ...made, name: ownName(port) };
        const trust = context.read('backendTls', port)?.trust;
        if (certificate === '' || cluster.transport.kind !== 'tls' || trust === undefined || trust.kind === 'federated')
          return [cluster];
        const shown = { kind: 'sds', name: certificateName(certificate), sdsCluster: undefined } as const;
        return [{ ...cluster, transport: { ...cluster.transport, certificates: [shown] } }];
      });
  },
};

/** Before the chain of everybody else, whose routes are those of HTTPRoutes. */
export function egressChains(context: QueryContext, listener: GatewayListenerRow): FilterChain[] {
  const mesh = context.read('mesh', ONLY);
  if (mesh === undefined || !listener.tls.ofMesh) return [];
  return (context.read('egress', listener.key) ?? []).flatMap((key): FilterChain[] => {
    const { service, port: number } = parsePortKey(key);
    const row = context.read('service', service);
    const port = row?.ports.find((one) => one.port === number);
    if (row === undefined || port === undefined) return [];
    const name = `gateway/${listener.key}/${key}`;
    const requests = routesRequests('weft', port.protocol);
    const made = requests
      ? chain(name, http(requestsTo(context, listener, { key, name, source: port.source })), port.source)
      : guardedConnections(
          context,
          chain(name, tcp(name, { kind: 'cluster', cluster: ownName(key) }), port.source),
          listener,
        );
    const match = { ...ANY_CONNECTION, serverNames: [serviceServerName(service, number, mesh.trustDomain)] };
    return [{ ...ofMesh(made, mesh.trustDomain), match }];
  });
}

function requestsTo(
  context: QueryContext,
  listener: GatewayListenerRow,
  { key, name, source }: { readonly key: string; readonly name: string; readonly source: string },
) {
  const cache = cacheOfHosts(context, context.read('service', parsePortKey(key).service));
  const forward = forwardTo(ownName(key));
  const route: Route = {
    name: source,
    statPrefix: '',
    match: routeMatch(ANY, 'weft'),
    // Time limits and further tries are the caller's.
    action: {
      ...forward,
      retryPolicy: undefined,
      rewrite: { ...forward.rewrite, host: cache === undefined ? { kind: 'auto' } : { kind: 'none' } },
    },
    headers: NO_MUTATIONS,
    filterOverrides: cache === undefined ? [] : [resolvedBy(cache)],
    metadata: [],
    source,
  };
  const resolves: HttpFilter[] =
    cache === undefined ? [] : [{ kind: 'dynamic-forward-proxy', name: cache.name, disabled: true, cache }];
  const manager = httpManager({
    statPrefix: name,
    direction: 'inbound',
    routes: {
      kind: 'inline',
      configuration: {
        ...routeConfiguration(name, [virtualHost(name, ['*'], [route])]),
        headers: NO_ANSWERS_OF_OTHERS,
      },
    },
    filters: [...edgeFilters(context, [listener]), ...resolves],
  });
  return {
    ...manager,
    accessLogs: [...manager.accessLogs, ...edgeLogs(context, [listener])],
    // Who called is nobody's business outside.
    forwardClientCert: { ...manager.forwardClientCert, details: 'sanitize' as const, uri: false },
  };
}
