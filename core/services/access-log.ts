/** Access logs of a service: envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs. */
import type { MetadataStruct } from '../proxy-config/index.ts';

/** Who this proxy is, as envoy.config.core.v3.Node. */
export interface LogNode {
  readonly id: string;
  readonly cluster: string;
  readonly metadata: MetadataStruct;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
}

export interface LogIdentifier {
  readonly node: LogNode;
  readonly logName: string;
}

export interface LogAddress {
  readonly ip: string;
  readonly port: number;
}

/** One exchange or connection that ended, or a connection before its end. Durations are ms from its start, negative where the point was not reached; '' and undefined: not known. */
export interface LogEntry {
  /** undefined: it ended. */
  readonly early: 'connected' | 'periodic' | undefined;
  readonly client: LogAddress | undefined;
  readonly directClient: LogAddress | undefined;
  readonly local: LogAddress | undefined;
  readonly serverName: string;
  readonly tls:
    | {
        /** `TLSv1.2`, ... */
        readonly version: string;
        readonly peerUriSans: readonly string[];
        readonly peerSubject: string;
        readonly localUriSan: string;
      }
    | undefined;
  /** ms since 1970. */
  readonly start: number;
  readonly duration: number;
  readonly lastRequestByte: number;
  readonly firstUpstreamSent: number;
  readonly firstUpstreamReceived: number;
  readonly lastUpstreamReceived: number;
  readonly upstreamRemote: LogAddress | undefined;
  readonly upstreamLocal: LogAddress | undefined;
  readonly upstreamCluster: string;
  readonly upstreamFailure: string;
  readonly routeName: string;
  readonly attempts: number;
  readonly terminationDetails: string;
  /** Envoy's short names of response flags. */
  readonly flags: readonly string[];
  /** By namespace. */
  readonly metadata: ReadonlyMap<string, MetadataStruct>;
  readonly streamId: string;
  /** Octets of bodies, of TCP all. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Undefined for connections. */
  readonly http: LogHttp | undefined;
}

export interface LogHttp {
  /** `HTTP/1.1`, ...; '' not known. */
  readonly protocol: string;
  readonly method: string;
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly originalPath: string;
  readonly userAgent: string;
  readonly referer: string;
  readonly forwardedFor: string;
  readonly requestId: string;
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  /** 0: none was sent. */
  readonly status: number;
  readonly details: string;
  readonly responseHeaders: readonly (readonly [name: string, value: string])[];
  readonly responseTrailers: readonly (readonly [name: string, value: string])[];
}
