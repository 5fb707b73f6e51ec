/** envoy.extensions.filters.http.ext_authz.v3.ExtAuthz, and what routes say about it. */
import type { Fraction, StringMatcher } from './matcher.ts';
import type { MetadataMatcher } from './metadata.ts';
import type { GrpcService, HttpService } from './service.ts';

export interface ExtAuthzFilter {
  readonly kind: 'ext-authz';
  readonly service: AuthzService;
  /** A service that gives no verdict lets the request pass. */
  readonly failureModeAllow: boolean;
  /** Such a request says so in x-envoy-auth-failure-mode-allowed. */
  readonly failureModeHeader: boolean;
  /** What of a request's body the service sees; undefined: nothing. */
  readonly body: AuthzBody | undefined;
  /** The route is chosen again where the service changed the request. */
  readonly clearRouteCache: boolean;
  /** Status where the service gives no verdict. */
  readonly statusOnError: number;
  readonly metadataNamespaces: readonly string[];
  /** Requests of which the service is asked. */
  readonly enabled: Fraction;
  /** Requests of which it is not asked are refused. */
  readonly denyAtDisable: boolean;
  /** Only of requests of which this is known is it asked; absent: of all. */
  readonly enabledMetadata?: MetadataMatcher;
  readonly peerCertificate: boolean;
  readonly tlsSession: boolean;
  /** Stands in the names of its counters; '' without. */
  readonly statPrefix: string;
  /** Names of headers that the service sees; undefined: all by gRPC, authorization by HTTP. */
  readonly allowedHeaders: readonly StringMatcher[] | undefined;
  /** Names that it never sees. */
  readonly disallowedHeaders: readonly StringMatcher[];
  /** What the service says of metadata is taken. */
  readonly takesMetadata: boolean;
}

export interface AuthzBody {
  readonly maxBytes: number;
  /** A longer body is shown by its beginning; else the request gets 413. */
  readonly partial: boolean;
  readonly asBytes: boolean;
}

export type AuthzService =
  | { readonly kind: 'grpc'; readonly service: GrpcService }
  | {
      readonly kind: 'http';
      readonly service: HttpService;
      /** Before the request's path. */
      readonly pathPrefix: string;
      /** Added to the question; values may hold command operators. */
      readonly headers: readonly (readonly [name: string, value: string])[];
      /** Names of headers of its answer: what the upstream gets, instead of what is there or joined to it; what the client gets. */
      readonly toUpstream: readonly StringMatcher[];
      readonly appendedToUpstream: readonly StringMatcher[];
      /** Empty: all of them. */
      readonly toClient: readonly StringMatcher[];
      readonly toClientOnSuccess: readonly StringMatcher[];
      readonly toMetadata: readonly StringMatcher[];
    };

/** envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute */
export interface ExtAuthzOverride {
  readonly kind: 'ext-authz';
  readonly disabled: boolean;
  /** Of all levels together; the most specific one counts for a name. */
  readonly contextExtensions: readonly (readonly [name: string, value: string])[];
  readonly ignoresBody: boolean;
  readonly body: AuthzBody | undefined;
  readonly service: AuthzService | undefined;
}
