/** Rows of a ProxyConfig for tests of the xDS server: those of core, listeners with one chain, and whole configurations. */
import {
  ANY_CONNECTION,
  type EndpointSet,
  type Listener,
  type ProxyConfig,
  proxyConfig,
  type ProxyConfigRows,
  type SocketAddress,
  type UpstreamTransport,
  PLAIN_ENDPOINT,
} from '@weft/core/proxy-config';
import * as rows from '@weft/core/proxy-config/testing';

export { cluster, route, routeTable } from '@weft/core/proxy-config/testing';

export const endpointSet = (name: string, ...addresses: readonly SocketAddress[]): EndpointSet => ({
  name,
  localities: [
    {
      locality: { region: '', zone: '', subZone: '' },
      priority: 0,
      weight: 1,
      endpoints: addresses.map((address) => ({
        address,
        ...PLAIN_ENDPOINT,
      })),
    },
  ],
  overprovisioningFactor: 140,
});

/** An HTTP listener with one chain, its routes by RDS. */
export const listener = (
  name: string,
  address: SocketAddress,
  routes: string,
  changes: Partial<Listener> = {},
): Listener =>
  rows.listener(
    name,
    [
      {
        name: 'http',
        match: ANY_CONNECTION,
        transport: { kind: 'plaintext' },
        transportConnectTimeout: 0,
        networkFilters: [],
        terminal: { kind: 'http-connection-manager', manager: rows.manager({ kind: 'rds', name: routes }) },
        source: undefined,
      },
    ],
    { address, direction: 'outbound', ...changes },
  );

/** For a proxyless gRPC client. */
export const apiListener = (name: string, routes: string): Listener =>
  listener(name, { kind: 'ip', ip: '0.0.0.0', port: 0 }, routes, {
    filterChains: [],
    apiListener: rows.manager({ kind: 'rds', name: routes }),
  });

export const mutualTls = (identity: string, sni: string): UpstreamTransport => ({
  kind: 'tls',
  certificates: [{ kind: 'sds', name: 'default', sdsCluster: 'sds' }],
  validation: {
    trust: { kind: 'sds', name: 'trust/weft.local', sdsCluster: 'sds' },
    subjectAltNames: [{ sanType: 'uri', matcher: { kind: 'exact', value: identity, ignoreCase: false } }],
    pins: undefined,
    crl: undefined,
  },
  sni,
  sniFromEndpoint: false,
  sanFromSni: false,
  alpnProtocols: [],
  parameters: { minimumVersion: '1.2', maximumVersion: '1.3', cipherSuites: [], ecdhCurves: [] },
});

/** Throws on dangling names: a test that makes them is wrong. */
export function config(rows: ProxyConfigRows): ProxyConfig {
  const made = proxyConfig(rows);
  if (!made.ok) throw new Error(made.error.map(({ message }) => message).join('; '));
  return made.value;
}
