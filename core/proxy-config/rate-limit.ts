/** What requests are counted by: actions of routes, and envoy.extensions.filters.http.ratelimit.v3.RateLimit that asks a service. */
import type { Fraction, HeaderMatcher, QueryParameterMatcher } from './matcher.ts';
import type { HeaderValueOption } from './route.ts';
import type { GrpcService } from './service.ts';

/** envoy.config.route.v3.RateLimit: one descriptor, unless an action finds nothing to say. */
export interface RateLimit {
  /** Which filter it is for, 0 to 10. */
  readonly stage: number;
  readonly actions: readonly RateLimitAction[];
}

/** One entry of a descriptor. */
export type RateLimitAction =
  /** The proxy's own service cluster. */
  | { readonly kind: 'source-cluster' }
  | { readonly kind: 'destination-cluster' }
  | {
      readonly kind: 'request-header' | 'query-parameter';
      readonly name: string;
      readonly key: string;
      /** Absent: only this entry is left out, not the descriptor. */
      readonly skipIfAbsent: boolean;
    }
  | { readonly kind: 'remote-address' }
  /** Bits that stay of an address of either family. */
  | { readonly kind: 'masked-remote-address'; readonly v4: number; readonly v6: number }
  | { readonly kind: 'generic-key'; readonly key: string; readonly value: string }
  | {
      readonly kind: 'header-value-match';
      readonly key: string;
      readonly value: string;
      /** All of them match, or not all of them. */
      readonly expectMatch: boolean;
      readonly headers: readonly HeaderMatcher[];
    }
  | {
      readonly kind: 'query-value-match';
      readonly key: string;
      readonly value: string;
      readonly expectMatch: boolean;
      readonly parameters: readonly QueryParameterMatcher[];
    }
  | {
      readonly kind: 'metadata';
      readonly key: string;
      readonly source: 'dynamic' | 'route';
      readonly namespace: string;
      readonly path: readonly string[];
      /** '' without. */
      readonly fallback: string;
      readonly skipIfAbsent: boolean;
    };

export interface RateLimitFilter {
  readonly kind: 'rate-limit';
  readonly domain: string;
  /** Of `RateLimit.stage`. */
  readonly stage: number;
  readonly requests: 'internal' | 'external' | 'both';
  /** ms to the service's answer. */
  readonly timeout: number;
  /** A service that gives no answer refuses the request. */
  readonly failureModeDeny: boolean;
  readonly statusOnError: number;
  readonly service: GrpcService;
  readonly status: number;
  /** Clients of gRPC are told RESOURCE_EXHAUSTED, not UNAVAILABLE. */
  readonly resourceExhausted: boolean;
  /** x-ratelimit-limit, -remaining and -reset on answers. */
  readonly tellsLimits: boolean;
  /** x-envoy-ratelimited on what is refused. */
  readonly marksLimited: boolean;
  /** On what is refused. */
  readonly responseHeaders: readonly HeaderValueOption[];
  /** Stands in the names of its counters; '' without. */
  readonly statPrefix: string;
  readonly enabled: Fraction;
  readonly enforced: Fraction;
}

/** envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute */
export interface RateLimitOverride {
  readonly kind: 'rate-limit';
  /** Limits of the virtual host: only where the route has none, as well, or never. */
  readonly hostLimits: 'override' | 'include' | 'ignore';
  /** '': the filter's. */
  readonly domain: string;
}
