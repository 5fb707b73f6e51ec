/**
 * What can go wrong with an exchange or a connection, as a closed set, and the one table that says what the caller gets to see:
 * status and body as Envoy answers them, response flag and `response_code_details` for logs and metrics. Bodies never carry the
 * reason of a TLS or policy refusal; that is for our own log.
 */
import { ResponseFlag, type ResponseFlags } from './response-flags.ts';

export type ExchangeError =
  | 'bad-request'
  | 'request-headers-too-large'
  | 'too-many-headers'
  | 'uri-too-long'
  | 'payload-too-large'
  | 'http-version-not-supported'
  | 'upgrade-required'
  | 'upgrade-not-allowed'
  | 'request-header-timeout'
  | 'request-timeout'
  | 'stream-idle-timeout'
  | 'max-stream-duration'
  | 'no-route'
  | 'cluster-not-found'
  | 'no-healthy-endpoint'
  | 'overflow'
  | 'connect-failed'
  | 'connect-timeout'
  | 'tls-failed'
  | 'upstream-closed'
  | 'upstream-reset'
  | 'upstream-protocol-error'
  | 'upstream-timeout'
  | 'per-try-timeout'
  | 'access-denied'
  | 'downstream-closed'
  | 'local-reset'
  | 'overloaded';

export interface ErrorAnswer {
  /** 0: nothing can be sent, the connection is gone or cut. */
  readonly status: number;
  readonly body: string;
  readonly flag: ResponseFlags;
  /** Envoy's `%RESPONSE_CODE_DETAILS%`. */
  readonly details: string;
  /** Whether the downstream connection must close after the answer. */
  readonly close: boolean;
}

const reset = 'upstream connect error or disconnect/reset before headers. reset reason: ';
const before = (reason: string): string => `upstream_reset_before_response_started{${reason}}`;

const answer = (status: number, body: string, flag: ResponseFlags, details: string, close = false): ErrorAnswer => ({
  status,
  body,
  flag,
  details,
  close,
});

const protocolError = ResponseFlag.downstreamProtocolError;
const connectFailure = ResponseFlag.upstreamConnectionFailure;

export const ERROR_ANSWERS: Readonly<Record<ExchangeError, ErrorAnswer>> = {
  'bad-request': answer(400, 'Bad Request', protocolError, 'http1.codec_error', true),
  'request-headers-too-large': answer(431, '', protocolError, 'http1.headers_too_large', true),
  'too-many-headers': answer(431, '', protocolError, 'http1.too_many_headers', true),
  'uri-too-long': answer(414, '', protocolError, 'http1.path_too_long', true),
  'payload-too-large': answer(413, 'Payload Too Large', ResponseFlag.none, 'request_payload_too_large', true),
  'http-version-not-supported': answer(505, '', protocolError, 'http1.version_not_supported', true),
  'upgrade-required': answer(426, '', ResponseFlag.none, 'low_version', true),
  'upgrade-not-allowed': answer(403, '', ResponseFlag.none, 'upgrade_failed', true),
  'request-header-timeout': answer(408, 'header timeout', ResponseFlag.none, 'request_header_timeout', true),
  'request-timeout': answer(408, 'request timeout', ResponseFlag.none, 'request_overall_timeout', true),
  'stream-idle-timeout': answer(408, 'stream timeout', ResponseFlag.streamIdleTimeout, 'stream_idle_timeout', true),
  'max-stream-duration': answer(
    408,
    'downstream duration timeout',
    ResponseFlag.durationTimeout,
    'max_duration_timeout',
    true,
  ),
  'no-route': answer(404, '', ResponseFlag.noRouteFound, 'route_not_found'),
  'cluster-not-found': answer(503, '', ResponseFlag.noClusterFound, 'cluster_not_found'),
  'no-healthy-endpoint': answer(503, 'no healthy upstream', ResponseFlag.noHealthyUpstream, 'no_healthy_upstream'),
  overflow: answer(503, `${reset}overflow`, ResponseFlag.upstreamOverflow, before('overflow')),
  'connect-failed': answer(
    503,
    `${reset}remote connection failure`,
    connectFailure,
    before('remote_connection_failure'),
  ),
  'connect-timeout': answer(503, `${reset}connection timeout`, connectFailure, before('connection_timeout')),
  'tls-failed': answer(
    503,
    `${reset}remote connection failure`,
    connectFailure,
    before('remote_connection_failure|TLS_error'),
  ),
  'upstream-closed': answer(
    503,
    `${reset}connection termination`,
    ResponseFlag.upstreamConnectionTermination,
    before('connection_termination'),
  ),
  'upstream-reset': answer(503, `${reset}remote reset`, ResponseFlag.upstreamRemoteReset, before('remote_reset')),
  'upstream-protocol-error': answer(
    502,
    `${reset}protocol error`,
    ResponseFlag.upstreamProtocolError,
    before('protocol_error'),
  ),
  'upstream-timeout': answer(504, 'upstream request timeout', ResponseFlag.upstreamRequestTimeout, 'response_timeout'),
  'per-try-timeout': answer(
    504,
    'upstream request timeout',
    ResponseFlag.upstreamRequestTimeout,
    'upstream_per_try_timeout',
  ),
  'access-denied': answer(403, 'RBAC: access denied', ResponseFlag.none, 'rbac_access_denied_matched_policy[none]'),
  'downstream-closed': answer(
    0,
    '',
    ResponseFlag.downstreamConnectionTermination,
    'downstream_remote_disconnect',
    true,
  ),
  overloaded: answer(503, 'envoy overloaded', ResponseFlag.overloadManager, 'overload'),
  'local-reset': answer(0, '', ResponseFlag.localReset, 'local_reset', true),
};

/** Why an upstream connection could not be had; a subset of `ExchangeError`. */
export type ConnectError = 'overflow' | 'connect-failed' | 'connect-timeout' | 'tls-failed';
