/** Requests and route tables made of few values, for tests of many rules. */
import { NO_TEXT, type Route, type RouteConfiguration } from '../../proxy-config/index.ts';
import type { PeerNames, RequestView } from '../request.ts';

const NONE = { requestRemove: [], requestAdd: [], responseRemove: [], responseAdd: [] };

export function requestOf(given: {
  readonly path: string;
  readonly method: string;
  /** Of the header `x-a`. */
  readonly values: readonly string[];
  readonly peer: PeerNames | undefined;
}): RequestView {
  const { path, method, values, peer } = given;
  return {
    method,
    host: 'a',
    path,
    query: undefined,
    scheme: 'http',
    remoteIp: undefined,
    destinationIp: undefined,
    destinationPort: 80,
    directRemoteIp: undefined,
    sourceIp: undefined,
    serverName: '',
    peer,
    header: (name) => (name !== 'x-a' || values.length === 0 ? undefined : values.join(',')),
    headerValue: (name, index) => (name === 'x-a' ? values[index] : undefined),
  };
}

/** One virtual host for every domain, with a route for each path. */
export const manyRoutes = (paths: readonly Route['match']['path'][]): RouteConfiguration => ({
  name: 't',
  virtualHosts: [
    {
      name: 'all',
      domains: ['*'],
      routes: paths.map((path) => ({
        name: '',
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
        action: { kind: 'direct-response', status: 200, body: NO_TEXT, bodyFormat: undefined },
        headers: NONE,
        filterOverrides: [],
        metadata: [],
        source: undefined,
      })),
      headers: NONE,
      retryPolicy: undefined,
      requireTls: 'none',
      includeRequestAttemptCount: false,
      includeAttemptCountInResponse: false,
      includeIsTimeoutRetry: false,
      virtualClusters: [],
      filterOverrides: [],
    },
  ],
  headers: NONE,
  ignorePortInHostMatching: false,
  maxDirectResponseBodySizeBytes: 4096,
  internalOnlyHeaders: [],
  ignorePathParameters: false,
  mostSpecificHeaderMutationsWins: false,
  filterOverrides: [],
});
