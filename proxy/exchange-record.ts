/** What is told of an exchange or connection that ended, and who takes it: metrics, access logs, traffic by edge, taps. Part of the seams of ports.ts. */
import type { MetadataView } from '@weft/core/decide';
import type { MetadataStruct, StaticMetadata } from '@weft/core/proxy-config';
import type { DownstreamConnection } from './downstream-connection.ts';
import type { ClusterRuntime, EndpointRuntime, SocketEnd, UpstreamConnection } from './ports.ts';
import type { ResponseFlags } from './response-flags.ts';

/**
 * One finished exchange (or TCP connection), read synchronously by the sink. The exchange object itself can implement it. Times in ms;
 * points in time are monotonic except `startWall`; a duration that did not happen is -1.
 */
export interface ExchangeRecord {
  readonly kind: 'http' | 'tcp';
  /** What it is written for before its end: a TCP connection that reached its endpoint, or is open still. Absent or undefined: at its end. */
  readonly early?: 'connected' | 'periodic' | undefined;
  /** Of a TCP connection: what was counted of it already; the sink keeps it. */
  readonly alreadyCounted?: { received: number; sent: number; ms: number };
  readonly downstream: DownstreamConnection;
  readonly startWall: number;
  readonly duration: number;
  /** From the start to the first byte sent upstream, the last byte received from downstream, first and last response byte from upstream. */
  readonly requestTxDuration: number;
  readonly requestDuration: number;
  readonly responseDuration: number;
  readonly responseTxDuration: number;
  /** 0: no response was sent, and for TCP. */
  readonly status: number;
  readonly flags: ResponseFlags;
  readonly details: string;
  /** Bodies only for HTTP, all bytes for TCP. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** `HTTP/1.1`, `HTTP/2`; '' for TCP. */
  readonly protocol: string;
  readonly grpcStatus: number;
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly routeName: string;
  /** `Kind/namespace/name#path` of the route that decided, '' for none. */
  readonly source: string;
  /** '' when none was chosen. */
  readonly clusterName: string;
  /** The route table that was asked; absent or undefined: none. */
  readonly routes?: { readonly name: string } | undefined;
  readonly endpoint: EndpointRuntime | undefined;
  readonly upstream: UpstreamConnection | undefined;
  readonly attempts: number;
  /** Whom the request is from, by x-forwarded-for where that is believed, with port 0 then; absent: `downstream.remote`. */
  readonly client?: SocketEnd;
  /** A health check filter answered or marked it; absent: no. */
  readonly healthCheck?: boolean;
  /** Body of an answer of our own, before a mapper formats it; absent or '': none. */
  readonly localReplyBody?: string;
  /** What filters made known of the request, and what its route says of itself; absent: nothing. */
  readonly metadata?: ReadonlyMap<string, MetadataStruct> | undefined;
  readonly routeMetadata?: MetadataView | undefined;
  readonly virtualHostMetadata?: StaticMetadata | undefined;
  /** The one that was chosen, where a route chose it; absent: as `endpoint` says. */
  readonly cluster?: ClusterRuntime | undefined;
  /** The span of this exchange; absent or undefined: it has none. `reported`: it goes to a collector. */
  readonly trace?: { readonly traceId: string; readonly spanId: string; readonly reported: boolean } | undefined;
  /** Why the last connection to an endpoint could not be had; absent or '' when none failed. */
  readonly upstreamFailure?: string;
  /** Lower-case names; undefined when absent. For access log operators and workload labels; not called unless a format asks. */
  requestHeader(name: string): string | undefined;
  responseHeader(name: string): string | undefined;
}

export interface RecordSink {
  /** A TCP connection reached its endpoint; HTTP exchanges are told at their end only. */
  connectionOpened?(record: ExchangeRecord): void;
  /** It is open still, for `ms`. */
  connectionGoesOn?(record: ExchangeRecord, ms: number): void;
  /** `logs`: access logs of the connection manager or TCP proxy that made the record. */
  exchangeEnded(record: ExchangeRecord, logs: readonly AccessLogger[]): void;
}

/** A compiled access log; the engine makes it (telemetry/access-log). */
export interface AccessLogger {
  log(record: ExchangeRecord): void;
}
