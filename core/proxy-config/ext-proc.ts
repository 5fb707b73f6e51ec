/** External processing of requests and answers (envoy.extensions.filters.http.ext_proc.v3). */
import type { AttributeName } from '../cel/index.ts';
import type { StringMatcher } from './matcher.ts';
import type { GrpcService } from './service.ts';

/** Not shown; each slice as it comes; the whole at once; as much as fits the buffer at once. */
export type BodyProcessing = 'none' | 'streamed' | 'buffered' | 'buffered-partial';

/** envoy.extensions.filters.http.ext_proc.v3.ProcessingMode */
export interface ProcessingModes {
  readonly requestHeaders: boolean;
  readonly responseHeaders: boolean;
  readonly requestBody: BodyProcessing;
  readonly responseBody: BodyProcessing;
  /** Trailers are shown where there are some. */
  readonly requestTrailers: boolean;
  readonly responseTrailers: boolean;
}

/** envoy.config.common.mutation_rules.v3.HeaderMutationRules: which headers a service may change. Expressions are RE2 and match the whole name. */
export interface MutationRules {
  /** Default: none of x-envoy-*. */
  readonly allowEnvoy: boolean;
  /** None that begins with a colon. */
  readonly disallowSystem: boolean;
  readonly disallowAll: boolean;
  /** May be changed whatever else is said but `disallow`; undefined: none. */
  readonly allow: string | undefined;
  readonly disallow: string | undefined;
  /** A change that is not allowed fails the message; default false: it is passed over. */
  readonly disallowIsError: boolean;
}

export interface ExtProcFilter {
  readonly kind: 'ext-proc';
  readonly service: GrpcService;
  /** An exchange goes on unprocessed where the service fails; default false: it is answered with `statusOnError`. */
  readonly failureModeAllow: boolean;
  readonly modes: ProcessingModes;
  /** ms until a message must be answered, Envoy's default 200; 0: no limit. */
  readonly messageTimeout: number;
  /** The most that the service may ask for by override_message_timeout, ms; 0: it may not. */
  readonly maxMessageTimeout: number;
  readonly statPrefix: string;
  /** The service may change the modes of an exchange. */
  readonly allowModeOverride: boolean;
  /** The modes it may change to, but for those of request headers; empty: any. */
  readonly allowedOverrideModes: readonly ProcessingModes[];
  /** undefined: Envoy's defaults. */
  readonly mutationRules: MutationRules | undefined;
  /** Attributes (core/cel) that the service is told with the first part of each message. */
  readonly requestAttributes: readonly AttributeName[];
  readonly responseAttributes: readonly AttributeName[];
  /** Immediate responses of the service are faults. */
  readonly disableImmediateResponse: boolean;
  /** When the route is chosen again after headers changed: where the service says so, always, never. */
  readonly routeCache: 'default' | 'clear' | 'retain';
  /** Envoy's default 500. */
  readonly statusOnError: number;
  /** Headers that the service is shown; undefined: all but `disallowedHeaders`. */
  readonly allowedHeaders: readonly StringMatcher[] | undefined;
  readonly disallowedHeaders: readonly StringMatcher[];
}

/** ExtProcPerRoute; undefined fields are as the filter says. */
export interface ExtProcOverride {
  readonly kind: 'ext-proc';
  readonly disabled: boolean;
  readonly modes: ProcessingModes | undefined;
  readonly service: GrpcService | undefined;
  readonly failureModeAllow: boolean | undefined;
  /** grpc_initial_metadata, beside the service's own. */
  readonly initialMetadata: readonly (readonly [name: string, value: string])[];
}
