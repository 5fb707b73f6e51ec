/** Distributed tracing of an HTTP connection manager and its routes (HttpConnectionManager.Tracing, envoy.config.trace.v3, route Tracing and Decorator). */
import type { Fraction } from './matcher.ts';
import type { OtlpExporter, ResourceDetector } from './otlp.ts';

export interface Tracing {
  /** Percent of the requests with x-client-trace-id, of all others, and of both together, that are traced. Envoy's default 100 each. */
  readonly clientSampling: number;
  readonly randomSampling: number;
  readonly overallSampling: number;
  /** Characters of the path in `http.url`; Envoy's default 256. */
  readonly maxPathTagLength: number;
  /** Each name once. */
  readonly customTags: readonly CustomTag[];
  /** Every try upstream has a span of its own, and the span of the request is a server's. */
  readonly spawnUpstreamSpan: boolean;
  /** no_context_propagation: what came in goes on as it is. */
  readonly noContextPropagation: boolean;
  /** Names of the two kinds of spans, with command operators; '': Envoy's own. */
  readonly operation: string;
  readonly upstreamOperation: string;
  /** Who gets the spans; undefined: nobody, and only request ids are marked. */
  readonly provider: TracingProvider | undefined;
}

export type TracingProvider = OpenTelemetryTracer | ZipkinTracer;

/** envoy.config.trace.v3.OpenTelemetryConfig: W3C headers, OTLP. */
export interface OpenTelemetryTracer {
  readonly kind: 'opentelemetry';
  readonly exporter: OtlpExporter;
  /** '' stands for `unknown_service:envoy`. */
  readonly serviceName: string;
  /** Attributes of the resource, in order; the later one wins. */
  readonly detectors: readonly ResourceDetector[];
  /** Undefined: connection manager and parent decide together. */
  readonly sampler: TraceSampler | undefined;
  /** Spans that wait at most; what is beyond is dropped. Envoy's default 1024. */
  readonly maxCacheSize: number;
}

/** What decides instead of the connection manager's percentages. */
export type TraceSampler =
  | { readonly kind: 'always-on' }
  | { readonly kind: 'trace-id-ratio'; readonly fraction: Fraction }
  /** As the parent was decided; without one `root` decides. */
  | { readonly kind: 'parent-based'; readonly root: TraceSampler }
  | MeshSampler;

/**
 * What Envoy has no words for: as the parent was decided, without one by rules and a share; headers of other formats; spans that are kept for how their
 * request ended. Our engine alone (a TypedStruct on the wire).
 */
export interface MeshSampler {
  readonly kind: 'mesh';
  /** Percent of the requests that no rule is about. */
  readonly sampling: number;
  /** The first that is about a request counts. */
  readonly rules: readonly TraceRule[];
  readonly tail: TraceTail | undefined;
  /** In the order they are read; all are written. */
  readonly headers: readonly TraceHeaders[];
}

export type TraceHeaders = 'w3c' | 'b3' | 'b3-single' | 'jaeger' | 'datadog';

/** '' and undefined say nothing. */
export interface TraceRule {
  readonly namespace: string;
  readonly service: string;
  readonly pathPrefix: string;
  /** Name in lower case; `value` undefined: any. */
  readonly header: { readonly name: string; readonly value: string | undefined } | undefined;
  /** Percent. */
  readonly sampling: number;
}

export interface TraceTail {
  readonly errors: boolean;
  /** ms; 0: however long. */
  readonly slowerThan: number;
}

/** envoy.config.trace.v3.ZipkinConfig: B3 headers, Zipkin's JSON v2. */
export interface ZipkinTracer {
  readonly kind: 'zipkin';
  readonly cluster: string;
  /** Path that spans are posted to. */
  readonly endpoint: string;
  /** Its host header; '': the cluster's name. */
  readonly hostname: string;
  readonly traceId128bit: boolean;
  /** A server's span has its caller's id. Envoy's default true. */
  readonly sharedSpanContext: boolean;
  /** W3C headers are read where B3's are absent, and written beside them. */
  readonly w3c: boolean;
}

export interface CustomTag {
  readonly name: string;
  readonly value: TagValue;
}

/** A value of '' is no tag. */
export type TagValue =
  | { readonly kind: 'literal'; readonly value: string }
  | { readonly kind: 'environment'; readonly name: string; readonly fallback: string }
  | { readonly kind: 'request-header'; readonly name: string; readonly fallback: string }
  | {
      readonly kind: 'metadata';
      readonly of: 'request' | 'route' | 'cluster' | 'host';
      readonly namespace: string;
      readonly path: readonly string[];
      readonly fallback: string;
    }
  /** With command operators. */
  | { readonly kind: 'format'; readonly format: string };

/** What a route says over its connection manager; absent fields inherit. envoy.config.route.v3.Tracing: Envoy's defaults are 100 % each. */
export interface RouteTracing {
  readonly clientSampling: Fraction;
  readonly randomSampling: Fraction;
  readonly overallSampling: Fraction;
  /** Added to the manager's; of one name the route's counts. */
  readonly customTags: readonly CustomTag[];
  readonly operation: string;
  readonly upstreamOperation: string;
}

/** envoy.config.route.v3.Decorator: the name of spans of a route. */
export interface Decorator {
  readonly operation: string;
  /** It is told to the other side (x-envoy-decorator-operation). */
  readonly propagate: boolean;
}
