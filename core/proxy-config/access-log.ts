/** Access logs (envoy.config.accesslog.v3; file, stdout/stderr stream, gRPC and OpenTelemetry). Formats use Envoy's command operators. */
import type { Fraction, HeaderMatcher } from './matcher.ts';
import type { MetadataMatcher } from './metadata.ts';
import type { OtlpExporter, ResourceDetector } from './otlp.ts';
import type { GrpcService } from './service.ts';

export interface AccessLog {
  readonly sink:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'stdout' }
    | { readonly kind: 'stderr' }
    | GrpcLogSink
    | OtlpLogSink;
  /** Of lines; entries to a service have no format, so that it is the default one there. */
  readonly format: LogFormat;
  /** Which records are written; undefined: all. */
  readonly filter: AccessLogFilter | undefined;
}

/** envoy.extensions.access_loggers.grpc.v3: entries to envoy.service.accesslog.v3.AccessLogService, gathered. */
export interface GrpcLogSink {
  readonly kind: 'grpc';
  /** HTTPAccessLogEntry or TCPAccessLogEntry. */
  readonly entries: 'http' | 'tcp';
  /** Its time-out, where it has one, is how long a message may wait to be taken before its stream is given up. */
  readonly service: GrpcService;
  /** What the service knows the log by. */
  readonly logName: string;
  /** ms from the first entry that waits until it is sent. */
  readonly flushInterval: number;
  /** Octets of entries at which they are sent; while they cannot be, what comes beyond is dropped. 0: each at once, none is dropped for its size. */
  readonly bufferBytes: number;
  /** Lower-case names of headers whose values are told besides. */
  readonly requestHeaders: readonly string[];
  readonly responseHeaders: readonly string[];
  /** The same of trailers; `grpc-status` is the only one that is known. */
  readonly responseTrailers: readonly 'grpc-status'[];
}

/** envoy.extensions.access_loggers.open_telemetry.v3: log records to a collector of OTLP, gathered. */
export interface OtlpLogSink {
  readonly kind: 'otlp';
  /** Its time-out, where it has one, is that of one message. */
  readonly exporter: OtlpExporter;
  /** `log_name` of the built-in attributes. */
  readonly logName: string;
  /** log_name, zone_name, cluster_name and node_name are attributes of the resource. */
  readonly builtinLabels: boolean;
  /** Attributes of the resource: those of detectors go before the built-in ones, these before those. */
  readonly detectors: readonly ResourceDetector[];
  readonly resourceAttributes: LogFields;
  /** With command operators; undefined: records have none. */
  readonly body: LogValue | undefined;
  readonly attributes: LogFields;
  /** Of its statistics, after `access_logs.open_telemetry_access_log.`; '': none. */
  readonly statPrefix: string;
  /** ms from the first record that waits until it is sent. */
  readonly flushInterval: number;
  /** Octets of records at which they are sent. */
  readonly bufferBytes: number;
}

/** opentelemetry.proto.common.v1.AnyValue of texts, lists and lists of pairs. */
export type LogValue =
  | string
  | { readonly kind: 'object'; readonly fields: LogFields }
  | { readonly kind: 'list'; readonly items: readonly LogValue[] };
export type LogFields = readonly (readonly [key: string, value: LogValue])[];

/** envoy.config.core.v3.SubstitutionFormatString */
export type LogFormat =
  /** Envoy's default text format. */
  | { readonly kind: 'default' }
  | { readonly kind: 'text'; readonly text: string }
  /** Keys in the order they are written; values are operator strings, objects, lists, or written as they are. */
  | { readonly kind: 'json'; readonly fields: JsonFields };

/** How an answer of our own is written (envoy.config.core.v3.SubstitutionFormatString with a content type). */
export interface BodyFormat {
  readonly format: LogFormat;
  /** '' stands for text/plain, or application/json where the format is JSON. */
  readonly contentType: string;
}

export type JsonFields = readonly (readonly [key: string, value: JsonFormat])[];
export type JsonFormat =
  | string
  | number
  | boolean
  | null
  | { readonly kind: 'object'; readonly fields: JsonFields }
  | { readonly kind: 'list'; readonly items: readonly JsonFormat[] };

/** envoy.config.accesslog.v3.AccessLogFilter; there is no runtime, so that a runtime key's default holds. */
export type AccessLogFilter =
  | { readonly kind: 'status' | 'duration'; readonly comparison: Comparison }
  /** All but requests that a health check filter answered or marked. */
  | { readonly kind: 'not-health-check' }
  /** A share of the records. */
  | { readonly kind: 'fraction'; readonly fraction: Fraction }
  | { readonly kind: 'and' | 'or'; readonly filters: readonly AccessLogFilter[] }
  /** A header of the request. */
  | { readonly kind: 'header'; readonly header: HeaderMatcher }
  /** Envoy's short names of response flags, any of them; empty: any flag at all. */
  | { readonly kind: 'response-flag'; readonly flags: readonly string[] }
  /** gRPC statuses by number; an answer without one counts by its HTTP status. */
  | { readonly kind: 'grpc-status'; readonly statuses: readonly number[]; readonly exclude: boolean }
  /** What filters knew of the request; `matcher` is as Envoy reads it here, without inversion. `absent` decides where there is no such value. */
  | {
      readonly kind: 'metadata';
      readonly matcher: Omit<MetadataMatcher, 'invert'>;
      readonly absent: boolean;
    }
  /** When it is written: `%ACCESS_LOG_TYPE%`, any of them; `exclude`: none of them. */
  | { readonly kind: 'log-type'; readonly types: readonly string[]; readonly exclude: boolean }
  /** An expression (core/cel) that is true of the record; what cannot be said of it is not. */
  | { readonly kind: 'cel'; readonly expression: string };

export interface Comparison {
  readonly op: 'equal' | 'at-least' | 'at-most' | 'not-equal';
  /** A status, or milliseconds. */
  readonly value: number;
}
