/**
 * The listeners of a gateway: one a port, on the addresses that its own workload has. Strangers connect here: they get the windows, the
 * limits and the header handling of an edge.
 */
import { authoritiesName, certificateName } from '@weft/core/agent-api';
import { formatIp } from '@weft/core/kernel';
import {
  type ArrivalBoundsRow,
  type GatewayListenerRow,
  type GatewayRow,
  type ListenerRoutesRow,
  ONLY,
} from '@weft/core/mesh-view';
import {
  ANY_CONNECTION,
  type DownstreamTransport,
  type FilterChain,
  type HttpConnectionManager,
  type Listener,
  type SocketAddress,
} from '@weft/core/proxy-config';
import { bounded } from '../behaviours/arrival-bounds/index.ts';
import { behindProxies } from '../behaviours/forwarded-for/index.ts';
import { ofMesh } from '../behaviours/mtls/index.ts';
import { fromBalancers, takingHeaders } from '../behaviours/proxy-headers/index.ts';
import { clusterOf } from '../behaviours/split/index.ts';
import type { Query, QueryContext } from '../incremental/query.ts';
import { gatewayListenerName } from '../names.ts';
import { egressChains } from './egress.ts';
import { edgeFilters, edgeLogs, guardedConnections } from './gateway-policies.ts';
import { type GatewayOf, gatewayKey, gatewayRoutes, routeGroups } from './gateway-routes.ts';
import { filtersFor } from './http-filters.ts';
import { httpManager } from './http-manager.ts';
import { chain, http, listener, udp } from './listener.ts';
import { ANSWERS_AT_EDGE } from './own-answers.ts';
import { passedChains } from './passed.ts';
import { tcpByRule } from './tcp-destination.ts';

export interface GatewayProcess extends GatewayOf {
  /** Keys of the workloads that the proxy stands for. */
  readonly workloads: readonly string[];
}

/** ms within which a TLS handshake must end. */
const HANDSHAKE_TIMEOUT = 10_000;

export const gatewayListeners: Query<GatewayProcess, readonly Listener[]> = {
  name: 'gateway-listeners',
  keyOf: (of) => `${gatewayKey(of)} ${of.workloads.join(' ')}`,
  compute(context, of) {
    const gateway = context.read('gateway', of.gateway);
    if (gateway === undefined) return [];
    const ips = addressesOf(context, of, gateway);
    const byPort = Map.groupBy(
      gateway.listeners,
      ({ port, protocol }) => `${protocol === 'udp' ? 'udp' : 'tcp'} ${port}`,
    );
    return [...byPort.values()].flatMap((list) => portListener(context, of, gateway, list, ips));
  },
};

function addressesOf(context: QueryContext, { workloads }: GatewayProcess, { addresses }: GatewayRow): string[] {
  const own = workloads.flatMap((key) => context.read('workload', key)?.addresses ?? []).map(({ ip }) => formatIp(ip));
  const wanted = addresses.map(formatIp);
  return [...new Set(own)].filter((ip) => wanted.length === 0 || wanted.includes(ip));
}

/** Nothing listens where nothing could be answered: a port of TCP or TLS without routes is closed. */
function portListener(
  context: QueryContext,
  of: GatewayOf,
  gateway: GatewayRow,
  list: readonly GatewayListenerRow[],
  ips: readonly string[],
): Listener[] {
  const [first] = list;
  const [ip, ...others] = ips;
  if (first === undefined || ip === undefined) return [];
  const at = (address: string): SocketAddress => ({ kind: 'ip', ip: address, port: first.port });
  if (first.protocol === 'udp') return datagrams(context, gateway, first, [at(ip), ...others.map(at)]);
  const forwarded = context.read('edgeForwarded', first.key);
  const chains = (
    first.protocol === 'http'
      ? [bounded(httpChain(context, of, first, list), boundsOf(context, list))]
      : list.flatMap((one) => chainsOf(context, of, one).map((made) => bounded(made, boundsOf(context, [one]))))
  ).flatMap((one) => (forwarded === undefined ? [one] : behindProxies(one, forwarded)));
  if (chains.length === 0) return [];
  const headers = context.read('edgeHeaders', first.key);
  const made = listener({
    name: gatewayListenerName('tcp', first.port),
    addresses: [at(ip), ...others.map(at)],
    direction: 'inbound',
    chains: headers === undefined ? chains : chains.map((one) => fromBalancers(one, headers)),
    source: gateway.source,
  });
  const named = list.some(({ protocol }) => protocol === 'https' || protocol === 'tls' || protocol === 'passthrough');
  const inspected: Listener = named
    ? { ...made, listenerFilters: [{ kind: 'tls-inspector', maxClientHelloBytes: 16_384 }] }
    : made;
  return [headers === undefined ? inspected : takingHeaders(inspected)];
}

/** Of listeners that share a chain the first one that anything is said about. */
const boundsOf = (context: QueryContext, list: readonly GatewayListenerRow[]): ArrivalBoundsRow | undefined =>
  list.flatMap(({ key }) => context.read('edgeBounds', key) ?? [])[0];

function datagrams(
  context: QueryContext,
  gateway: GatewayRow,
  row: GatewayListenerRow,
  addresses: readonly [SocketAddress, ...SocketAddress[]],
): Listener[] {
  // Datagrams are asked nothing: a listener that somebody guards is closed (findings.ts tells it).
  if ((context.read('edgeAccess', row.key) ?? []).some(({ shadow }) => !shadow)) return [];
  const [stream] = streams(context.read('listenerRoutes', row.key));
  const backend = stream?.rule.backends.find(({ weight }) => weight > 0);
  if (stream === undefined || backend === undefined) return [];
  const name = gatewayListenerName('udp', row.port);
  const made = listener({ name, addresses, direction: 'inbound', chains: [], source: gateway.source });
  return [udp(made, `gateway/${row.key}`, clusterOf(backend))];
}

/** One for all host names of a port. */
function httpChain(
  context: QueryContext,
  of: GatewayOf,
  first: GatewayListenerRow,
  list: readonly GatewayListenerRow[],
): FilterChain {
  const [group] = routeGroups(of.gateway, list);
  const name = group?.name ?? '';
  return chain(name, http(edgeManager(context, of, name, list)), first.source);
}

function chainsOf(context: QueryContext, of: GatewayOf, row: GatewayListenerRow): FilterChain[] {
  const routes = context.read('listenerRoutes', row.key);
  switch (row.protocol) {
    case 'https': {
      const [group] = routeGroups(of.gateway, [row]);
      const name = group?.name ?? '';
      const base = chain(name, http(edgeManager(context, of, name, [row])), row.source);
      const mesh = context.read('mesh', ONLY);
      if (row.tls.ofMesh)
        return mesh === undefined ? [] : [...egressChains(context, row), ofMesh(base, mesh.trustDomain)];
      return [
        {
          ...base,
          match: byName(row.hostname),
          transport: terminated(row, ['h2', 'http/1.1']),
          transportConnectTimeout: HANDSHAKE_TIMEOUT,
        },
      ];
    }
    case 'tls':
    case 'passthrough': {
      const passed = passedChains(context, row.key, row.source).map((one) => guardedConnections(context, one, row));
      const routed = streams(routes).map(({ name, rule }): FilterChain => {
        const place = `gateway/${row.key}/${name}`;
        const base = guardedConnections(context, chain(place, tcpByRule(context, place, rule), rule.source), row);
        const match = byName(name === '*' ? '' : name);
        return row.protocol === 'passthrough'
          ? { ...base, match: { ...match, transportProtocol: 'tls' } }
          : { ...base, match, transport: terminated(row, []), transportConnectTimeout: HANDSHAKE_TIMEOUT };
      });
      return [...routed, ...passed];
    }
    case 'tcp':
      return streams(routes).map(({ rule }) => {
        const place = `gateway/${row.key}`;
        return guardedConnections(context, chain(place, tcpByRule(context, place, rule), rule.source), row);
      });
    case 'http':
    case 'udp':
      return [];
  }
}

const streams = (routes: ListenerRoutesRow | undefined): ListenerRoutesRow['streams'] => routes?.streams ?? [];

const byName = (hostname: string): FilterChain['match'] => ({
  ...ANY_CONNECTION,
  serverNames: hostname === '' ? [] : [hostname],
});

const terminated = (
  { certificates, clientAuthorities, tls }: GatewayListenerRow,
  alpnProtocols: readonly string[],
): DownstreamTransport => ({
  kind: 'tls',
  certificates: certificates.map((secret) => ({ kind: 'sds', name: certificateName(secret), sdsCluster: undefined })),
  validation:
    clientAuthorities.length === 0
      ? undefined
      : {
          trust: { kind: 'sds', name: authoritiesName(clientAuthorities), sdsCluster: undefined },
          subjectAltNames: [],
          pins: undefined,
          crl: undefined,
        },
  requireClientCertificate: clientAuthorities.length > 0 && !tls.clientsOptional,
  alpnProtocols,
  parameters: {
    minimumVersion: tls.minimumVersion,
    maximumVersion: tls.maximumVersion,
    cipherSuites: tls.cipherSuites,
    ecdhCurves: [],
  },
});

/** The caller's own address is what counts; whatever else it says about where it comes from is not believed. */
function edgeManager(
  context: QueryContext,
  of: GatewayOf,
  name: string,
  listeners: readonly GatewayListenerRow[],
): HttpConnectionManager {
  const routes = context.ask(gatewayRoutes, of).find((table) => table.name === name);
  const manager = httpManager({
    statPrefix: name,
    direction: 'inbound',
    routes: { kind: 'rds', name },
    answers: ANSWERS_AT_EDGE,
    filters: filtersFor(
      context,
      routes?.virtualHosts.flatMap((host) => host.routes) ?? [],
      edgeFilters(context, listeners),
    ),
  });
  return {
    ...manager,
    accessLogs: [...manager.accessLogs, ...edgeLogs(context, listeners)],
    useRemoteAddress: true,
    skipXffAppend: false,
    forwardClientCert: { ...manager.forwardClientCert, details: 'sanitize', uri: false },
  };
}
