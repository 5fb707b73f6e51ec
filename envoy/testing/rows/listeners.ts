/** Arbitrary listeners, of engines and of proxyless clients. */
import type { FilterChain, Listener, ListenerFilter, UdpProxy } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { withMetadata } from './metadata.ts';
import { manager } from './http-connection-manager.ts';
import { rbac } from './rbac.ts';
import { accessLog, downstream } from './transport.ts';
import {
  headerOption,
  lbMetadata,
  type Arb,
  cidr,
  few,
  flag,
  ipAddress,
  maybe,
  msOrNone,
  name,
  pipeAddress,
  port,
  record,
  small,
  some,
  source,
} from './values.ts';

export const chain = (destinationPort: number): Arb<FilterChain> =>
  record({
    name: fc.oneof(fc.constant(''), name),
    match: record({
      destinationPort: fc.constant(destinationPort),
      prefixRanges: fc.uniqueArray(cidr, { maxLength: 2 }),
      serverNames: fc.subarray(['a.example.com', '*.b.example.com']),
      transportProtocol: fc.constantFrom('' as const, 'raw_buffer' as const, 'tls' as const),
      applicationProtocols: fc.subarray(['h2', 'http/1.1']),
      sourceType: fc.constantFrom('any' as const, 'same-ip-or-loopback' as const, 'external' as const),
      sourcePrefixRanges: fc.uniqueArray(cidr, { maxLength: 1 }),
      sourcePorts: fc.uniqueArray(port, { maxLength: 2 }),
    }),
    transport: downstream,
    transportConnectTimeout: msOrNone,
    networkFilters: few(
      fc.oneof(
        record({
          kind: fc.constant('rbac' as const),
          statPrefix: name,
          rules: maybe(rbac(false)),
          shadowRules: maybe(rbac(false)),
        }),
        fc.constant({ kind: 'sni-cluster' as const }),
        record({
          kind: fc.constant('local-rate-limit' as const),
          statPrefix: name,
          bucket: record({
            maxTokens: fc.nat(9),
            tokensPerFill: fc.integer({ min: 1, max: 9 }),
            fillInterval: fc.integer({ min: 50, max: 100_000 }),
          }),
          enabled: fc.boolean(),
        }),
        record({
          kind: fc.constant('connection-limit' as const),
          statPrefix: name,
          maxConnections: small,
          delay: msOrNone,
        }),
      ),
    ),
    terminal: fc.oneof(
      record({ kind: fc.constant('http-connection-manager' as const), manager }),
      record({
        kind: fc.constant('tcp-proxy' as const),
        proxy: record({
          statPrefix: name,
          destination: fc.oneof(
            record({ kind: fc.constant('cluster' as const), cluster: name }),
            record({
              kind: fc.constant('weighted' as const),
              clusters: some(record({ cluster: name, weight: small, metadataMatch: lbMetadata })),
            }),
          ),
          idleTimeout: msOrNone,
          maxConnectionDuration: msOrNone,
          maxConnectAttempts: fc.integer({ min: 1, max: 5 }),
          hashSourceIp: flag,
          maxConnectionDurationJitter: fc.constantFrom(0, 12.5),
          metadataMatch: lbMetadata,
          tunnel: maybe(
            record({
              hostname: fc.constantFrom('host:80', '%REQUESTED_SERVER_NAME%:443'),
              postPath: fc.constantFrom(undefined, '/', '/tunnel'),
              headersToAdd: few(headerOption),
            }),
          ),
          accessLogs: few(accessLog),
          earlyRecords: record({ interval: msOrNone, connected: flag }),
        }),
      }),
    ),
    source: source,
  }) as Arb<FilterChain>;

const listenerFilter = (kind: ListenerFilter['kind']): Arb<ListenerFilter> => {
  switch (kind) {
    case 'tls-inspector':
      return record({ kind: fc.constant(kind), maxClientHelloBytes: fc.constantFrom(16_384, 4096) });
    case 'proxy-protocol':
      return record({
        kind: fc.constant(kind),
        allowWithout: flag,
        disallowedVersions: fc.constantFrom([], ['v1' as const], ['v2' as const]),
        statPrefix: fc.constantFrom('', 'front'),
      });
    case 'http-inspector':
    case 'original-dst':
      return fc.constant({ kind });
  }
};

const tcpListener: Arb<Listener> = record({
  name,
  address: fc.oneof(ipAddress, pipeAddress),
  additionalAddresses: fc.constantFrom([], [{ kind: 'ip', ip: '127.0.0.2', port: 7777 }]),
  direction: fc.constantFrom('unspecified' as const, 'inbound' as const, 'outbound' as const),
  listenerFilters: fc
    .subarray(['tls-inspector' as const, 'http-inspector' as const, 'original-dst' as const, 'proxy-protocol' as const])
    .chain((kinds) => fc.tuple(...kinds.map(listenerFilter))),
  listenerFiltersTimeout: msOrNone,
  continueOnListenerFiltersTimeout: flag,
  filterChains: fc.oneof(fc.tuple(chain(1001)), fc.tuple(chain(1001), chain(1002))),
  defaultFilterChain: maybe(chain(1003)),
  perConnectionBufferLimitBytes: fc.constantFrom(1_048_576, 32_768),
  drainType: fc.constantFrom('default' as const, 'modify-only' as const),
  enableReusePort: flag,
  tcpBacklogSize: fc.constantFrom(0, 128),
  tcpKeepalive: maybe(record({ probes: fc.nat(9), time: fc.nat(300), interval: fc.nat(60) })),
  accessLogs: few(accessLog, 1),
  apiListener: fc.constant(undefined),
  udp: fc.constant(undefined),
  source: source,
}).chain((made) => withMetadata(made)) as Arb<Listener>;

/** Of this process alone: known by its name. */
export const internalListener: Arb<Listener> = tcpListener.map((row) => ({
  ...row,
  address: { kind: 'internal', listener: row.name, endpointId: '' },
  additionalAddresses: [],
}));

const udpProxy: Arb<UdpProxy> = record({
  statPrefix: name,
  cluster: name,
  idleTimeout: msOrNone,
  hashPolicy: fc.oneof(
    fc.constant({ kind: 'none' as const }),
    fc.constant({ kind: 'source-ip' as const }),
    record({ kind: fc.constant('key' as const), key: name }),
  ),
  perPacketLoadBalancing: flag,
  maxDatagramBytes: fc.constantFrom(1500, 9000),
  maxUpstreamDatagramBytes: fc.constantFrom(1500, 65_000),
  accessLogs: few(accessLog),
});

const udpListener: Arb<Listener> = fc.tuple(tcpListener, ipAddress, udpProxy).map(([row, address, udp]) => ({
  ...row,
  address,
  listenerFilters: [],
  filterChains: [],
  defaultFilterChain: undefined,
  tcpBacklogSize: 0,
  tcpKeepalive: undefined,
  enableReusePort: true,
  accessLogs: [],
  udp,
}));

export const listener: Arb<Listener> = fc.oneof({ weight: 3, arbitrary: tcpListener }, udpListener);

/** A listener of a proxyless client: no address, the manager alone. */
export const apiListener: Arb<Listener> = record({ name, manager }).map(({ name: given, manager: api }) => ({
  name: given,
  address: { kind: 'ip', ip: '0.0.0.0', port: 0 },
  additionalAddresses: [],
  direction: 'unspecified',
  listenerFilters: [],
  listenerFiltersTimeout: 15_000,
  continueOnListenerFiltersTimeout: false,
  filterChains: [],
  defaultFilterChain: undefined,
  perConnectionBufferLimitBytes: 1_048_576,
  drainType: 'default',
  enableReusePort: true,
  tcpBacklogSize: 0,
  tcpKeepalive: undefined,
  accessLogs: [],
  apiListener: api,
  udp: undefined,
  source: undefined,
}));
