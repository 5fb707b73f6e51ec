/** Rows of a ProxyConfig with Envoy's defaults, for tests of the engine: those of core, shorter where the engine's tests say the same often. */
import {
  ANY_CONNECTION,
  PLAIN_TCP_PROXY,
  type Endpoint,
  type EndpointSet,
  type FilterChain,
  type FilterChainMatch,
  type HttpConnectionManager,
  type RouteConfiguration,
  type TcpProxy,
  type TerminalFilter,
  PLAIN_ENDPOINT,
} from '@weft/core/proxy-config';
import * as rows from '@weft/core/proxy-config/testing';

export { cluster, listener } from '@weft/core/proxy-config/testing';

export const endpoint = (port: number, over: Partial<Endpoint> = {}): Endpoint => ({
  address: { kind: 'ip', ip: '127.0.0.1', port },
  ...PLAIN_ENDPOINT,
  ...over,
});

export const endpointSet = (name: string, endpoints: readonly Endpoint[], priority = 0): EndpointSet => ({
  name,
  overprovisioningFactor: 140,
  localities: [{ locality: { region: '', zone: '', subZone: '' }, priority, weight: 0, endpoints }],
});

export const tcpProxy = (name: string, over: Partial<TcpProxy> = {}): TerminalFilter => ({
  kind: 'tcp-proxy',
  proxy: {
    statPrefix: name,
    destination: { kind: 'cluster', cluster: name },
    idleTimeout: 3_600_000,
    maxConnectionDuration: 0,
    ...PLAIN_TCP_PROXY,
    ...over,
  },
});

export const manager = (
  routes: HttpConnectionManager['routes'],
  over: Partial<HttpConnectionManager> = {},
): TerminalFilter => ({ kind: 'http-connection-manager', manager: rows.manager(routes, over) });

/** Everything to one cluster. */
export const routeTable = (name: string, to: string): RouteConfiguration =>
  rows.routeTable(name, [rows.route(to, { name: 'all' })]);

export const chain = (
  name: string,
  match: Partial<FilterChainMatch> = {},
  over: Partial<FilterChain> = {},
): FilterChain => ({
  name,
  match: { ...ANY_CONNECTION, ...match },
  transport: { kind: 'plaintext' },
  transportConnectTimeout: 0,
  networkFilters: [],
  terminal: tcpProxy('none'),
  source: undefined,
  ...over,
});
