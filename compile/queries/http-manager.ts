/** The HTTP connection manager both directions share: safe defaults, and an application's own headers left as they are. */
import { type HttpConnectionManager, type LocalReply, PLAIN_ROUTER } from '@weft/core/proxy-config';
import {
  HEADERS_WITH_UNDERSCORES,
  HTTP2_OPTIONS,
  HTTP_TIMEOUTS,
  MAX_HEADERS_COUNT,
  MAX_REQUEST_HEADERS_KB,
  PATH_HANDLING,
  STRANGER_HTTP2_OPTIONS,
  UPGRADES,
} from '../defaults.ts';
import { ANSWERS_INSIDE } from './own-answers.ts';

export interface ManagerOptions {
  readonly statPrefix: string;
  readonly direction: 'inbound' | 'outbound';
  readonly routes: HttpConnectionManager['routes'];
  readonly upgrades?: readonly string[];
  readonly filters?: HttpConnectionManager['httpFilters'];
  /** What its own answers say about why; default: what is told within the mesh. */
  readonly answers?: LocalReply | 'nothing';
}

export const httpManager = ({
  statPrefix,
  direction,
  routes,
  upgrades = UPGRADES,
  filters = [],
  answers = ANSWERS_INSIDE,
}: ManagerOptions): HttpConnectionManager => ({
  statPrefix,
  codec: 'auto',
  http1: { acceptHttp10: true, defaultHostForHttp10: 'localhost', enableTrailers: true, allowAbsoluteUrl: true },
  // Inbound nobody is known until a certificate was checked (behaviours/mtls).
  http2: direction === 'inbound' ? STRANGER_HTTP2_OPTIONS : HTTP2_OPTIONS,
  routes,
  httpFilters: filters,
  upgrades,
  timeouts: HTTP_TIMEOUTS,
  maxRequestHeadersKb: MAX_REQUEST_HEADERS_KB,
  maxHeadersCount: MAX_HEADERS_COUNT,
  maxRequestsPerConnection: 0,
  useRemoteAddress: false,
  xffNumTrustedHops: 0,
  skipXffAppend: true,
  via: '',
  serverName: 'weft',
  serverHeaderTransformation: 'pass-through',
  generateRequestId: true,
  preserveExternalRequestId: true,
  alwaysSetRequestIdInResponse: false,
  // Inbound the application learns from its own sidecar who calls; nobody else's word about it passes.
  forwardClientCert: {
    details: direction === 'inbound' ? 'sanitize-set' : 'sanitize',
    subject: false,
    cert: false,
    chain: false,
    dns: false,
    uri: direction === 'inbound',
  },
  ...PATH_HANDLING,
  headersWithUnderscores: HEADERS_WITH_UNDERSCORES,
  stripAnyHostPort: false,
  stripMatchingHostPort: false,
  stripTrailingHostDot: false,
  localReply: answers === 'nothing' ? undefined : answers,
  appendXForwardedPort: false,
  internalAddresses: undefined,
  router: PLAIN_ROUTER,
  accessLogs: [],
});
