/** For tests: configuration rows with Envoy's defaults, as the HTTP engine's tests use them. */
import type {
  Cluster,
  HttpConnectionManager,
  Listener,
  RetryPolicy,
  RouteConfiguration,
} from '@weft/core/proxy-config';
import * as rows from '@weft/core/proxy-config/testing';

export {
  forwardTo,
  matchOf,
  NO_HEADERS as NO_MUTATIONS,
  prefix,
  routeConfiguration,
  routeOf,
  virtualHost,
} from '@weft/core/proxy-config/testing';

export const retryPolicy = (retryOn: string, more: Partial<RetryPolicy> = {}): RetryPolicy => ({
  retryOn: retryOn.split(','),
  numRetries: 1,
  perTryTimeout: 0,
  perTryIdleTimeout: 0,
  retriableStatusCodes: [],
  retriableHeaders: [],
  retriableRequestHeaders: [],
  rateLimitedBackOff: undefined,
  backOff: { base: 1, max: 10 },
  avoidPreviousHosts: true,
  hostSelectionAttempts: 1,
  priorityUpdateFrequency: 0,
  ...more,
});

export const managerOf = (
  configuration: RouteConfiguration,
  more: Partial<HttpConnectionManager> = {},
): HttpConnectionManager =>
  rows.manager(
    { kind: 'inline', configuration },
    {
      http2: {
        maxConcurrentStreams: 100,
        initialStreamWindowSize: 65_536,
        initialConnectionWindowSize: 65_536,
        allowConnect: true,
      },
      ...more,
    },
  );

export const listenerOf = (manager: HttpConnectionManager): Listener =>
  rows.listener('test', [
    {
      name: '',
      match: {
        destinationPort: undefined,
        prefixRanges: [],
        serverNames: [],
        transportProtocol: '',
        applicationProtocols: [],
        sourceType: 'any',
        sourcePrefixRanges: [],
        sourcePorts: [],
      },
      transport: { kind: 'plaintext' },
      transportConnectTimeout: 0,
      networkFilters: [],
      terminal: { kind: 'http-connection-manager', manager },
      source: undefined,
    },
  ]);

export const clusterOf = (name: string, more: Partial<Cluster> = {}): Cluster =>
  rows.cluster(name, {
    discovery: { kind: 'static', endpoints: { name, localities: [], overprovisioningFactor: 140 } },
    ...more,
  });
