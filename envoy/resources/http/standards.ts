/** Envoy 1.40's standard values of the HTTP connection manager. Milliseconds. */
import type { ForwardClientCert, HttpTimeouts } from '@weft/core/proxy-config';

export const MAX_REQUEST_HEADERS_KB = 60;
export const MAX_HEADERS_COUNT = 100;
export const SERVER_NAME = 'envoy';

export const TIMEOUTS: HttpTimeouts = {
  request: 0,
  requestHeaders: 0,
  streamIdle: 300_000,
  idle: 3_600_000,
  maxConnectionDuration: 0,
  maxStreamDuration: 0,
  drain: 5000,
  delayedClose: 1000,
};

export const FORWARD_CLIENT_CERT: ForwardClientCert = {
  details: 'sanitize',
  subject: false,
  cert: false,
  chain: false,
  dns: false,
  uri: false,
};

export const EARLY_MUTATION = 'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation';
