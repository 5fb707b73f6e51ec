/** A record as an entry of a service's access log: what Envoy's gRPC access logger tells, as far as a record knows it. */
import type { GrpcLogSink } from '@weft/core/proxy-config';
import type { LogAddress, LogEntry, LogHttp } from '@weft/core/services';
import type { ExchangeRecord, SocketEnd } from '../ports.ts';
import { formatResponseFlags } from '../response-flags.ts';

export function entryOf(record: ExchangeRecord, sink: GrpcLogSink): LogEntry {
  const { downstream, upstream } = record;
  const { peer } = downstream;
  return {
    early: record.early,
    client: ended(record.client ?? downstream.remote),
    directClient: ended(downstream.directRemote ?? downstream.remote),
    local: ended(downstream.local),
    serverName: downstream.serverName,
    tls:
      peer === undefined
        ? undefined
        : {
            version: peer.tlsVersion,
            peerUriSans: peer.uriSans,
            peerSubject: peer.subject,
            localUriSan: peer.localUriSan,
          },
    start: record.startWall,
    duration: record.duration,
    lastRequestByte: record.requestDuration,
    firstUpstreamSent: record.requestTxDuration,
    firstUpstreamReceived: record.responseDuration,
    lastUpstreamReceived: record.responseTxDuration,
    upstreamRemote: addressOf(record.endpoint?.address),
    upstreamLocal: addressOf(upstream?.localAddress),
    upstreamCluster: record.endpoint === undefined ? '' : record.endpoint.cluster.config.name,
    upstreamFailure: record.upstreamFailure ?? '',
    routeName: record.routeName,
    attempts: record.attempts,
    terminationDetails: record.kind === 'tcp' ? record.details : '',
    flags: record.flags === 0 ? [] : formatResponseFlags(record.flags).split(','),
    metadata: record.metadata ?? NO_METADATA,
    streamId: record.requestHeader('x-request-id') ?? '',
    bytesReceived: record.bytesReceived,
    bytesSent: record.bytesSent,
    http: record.kind === 'http' && sink.entries === 'http' ? httpOf(record, sink) : undefined,
  };
}

const NO_METADATA: LogEntry['metadata'] = new Map();

function httpOf(record: ExchangeRecord, { requestHeaders, responseHeaders, responseTrailers }: GrpcLogSink): LogHttp {
  const header = (name: string): string => record.requestHeader(name) ?? '';
  return {
    protocol: record.protocol,
    method: record.method,
    scheme: header(':scheme'),
    authority: record.authority,
    path: header(':path'),
    originalPath: header('x-envoy-original-path'),
    userAgent: header('user-agent'),
    referer: header('referer'),
    forwardedFor: header('x-forwarded-for'),
    requestId: header('x-request-id'),
    requestHeaders: present(requestHeaders, (name) => record.requestHeader(name)),
    status: record.status,
    details: record.details,
    responseHeaders: present(responseHeaders, (name) => record.responseHeader(name)),
    responseTrailers: present(responseTrailers, (name) =>
      record.grpcStatus >= 0 && record.status === 200 && record.responseHeader(name) === undefined
        ? String(record.grpcStatus)
        : undefined,
    ),
  };
}

const present = (
  names: readonly string[],
  read: (name: string) => string | undefined,
): (readonly [name: string, value: string])[] =>
  names.flatMap((name) => {
    const value = read(name);
    return value === undefined ? [] : [[name, value] as const];
  });

const ended = ({ ip, port }: SocketEnd): LogAddress | undefined => (ip === '' ? undefined : { ip, port });

/** Of `ip:port` and `[ip]:port`; undefined of a Unix socket. */
function addressOf(text: string | undefined): LogAddress | undefined {
  const colon = text?.lastIndexOf(':') ?? -1;
  if (text === undefined || colon < 0) return undefined;
  return { ip: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}
