/** Authentication of requests by JSON Web Tokens (envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication). */
import type { StringMatcher } from './matcher.ts';
import type { RouteMatch } from './route.ts';
import type { HttpService } from './service.ts';
import type { TextSource } from './text-source.ts';

export interface JwtAuthnFilter {
  readonly kind: 'jwt-authn';
  /** Ordered by name, each once; every requirement names one of them. */
  readonly providers: readonly JwtProvider[];
  /** The first that matches counts; without one a request passes. */
  readonly rules: readonly JwtRule[];
  /** By name for routes, ordered by it. */
  readonly requirements: readonly { readonly name: string; readonly requirement: JwtRequirement }[];
  readonly bypassCorsPreflight: boolean;
  /** Refusals say neither why nor where. */
  readonly stripFailureResponse: boolean;
  /** Stands before the names of counters; '' without. */
  readonly statPrefix: string;
}

/** envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig */
export type JwtRouteRequirement =
  | { readonly kind: 'jwt-authn'; readonly off: true }
  /** One of `JwtAuthnFilter.requirements`; a name that is not there refuses every request. */
  | { readonly kind: 'jwt-authn'; readonly off: false; readonly requirement: string };

export interface JwtRule {
  /** Its path, headers and query alone. */
  readonly match: RouteMatch;
  /** Undefined: nothing is asked. */
  readonly requirement: JwtRequirement | undefined;
}

export type JwtRequirement =
  | { readonly kind: 'nothing' }
  /** `audiences` stand for those of the provider; empty: the provider's hold. */
  | { readonly kind: 'provider'; readonly provider: string; readonly audiences: readonly string[] }
  | { readonly kind: 'any' | 'all'; readonly requirements: readonly JwtRequirement[] }
  /** Without a token a request passes; one that is there is verified by the provider of its issuer. */
  | { readonly kind: 'allow-missing' }
  /** A token that is there is verified, and its claims are made known if it is genuine; every request passes. */
  | { readonly kind: 'allow-missing-or-failed' };

export interface JwtProvider {
  readonly name: string;
  /** '' for any. */
  readonly issuer: string;
  /** Any one of them; empty: any audience, and none. */
  readonly audiences: readonly string[];
  readonly subjects: StringMatcher | undefined;
  readonly requireExpiration: boolean;
  /** The most that a token may still be valid for, in ms; undefined: no limit. */
  readonly maxLifetime: number | undefined;
  readonly keys: JwtKeys;
  /** Where tokens are looked for; none at all means the header authorization (`Bearer `) and the parameter access_token. */
  readonly fromHeaders: readonly { readonly name: string; readonly prefix: string }[];
  readonly fromParameters: readonly string[];
  readonly fromCookies: readonly string[];
  /** The token goes on to the upstream. */
  readonly forward: boolean;
  /** '' without. */
  readonly forwardPayloadHeader: string;
  readonly padForwardPayloadHeader: boolean;
  /** `path`: of the claim, keys of objects within each other. */
  readonly claimToHeaders: readonly { readonly header: string; readonly path: readonly string[] }[];
  /** A claim that became a header has the route chosen again. */
  readonly clearRouteCache: boolean;
  /** Below `envoy.filters.http.jwt_authn` in the request's metadata; '' without. */
  readonly payloadInMetadata: string;
  readonly headerInMetadata: string;
  readonly failedStatusInMetadata: string;
  /** Claims of words, which become lists in the metadata. */
  readonly spaceDelimitedClaims: readonly string[];
  /** Envoy's standard 60. */
  readonly clockSkewSeconds: number;
  /** Verified tokens that are remembered; undefined: none. */
  readonly cache: { readonly tokens: number; readonly longest: number } | undefined;
}

export type JwtKeys = LocalJwtKeys | RemoteJwtKeys;

export interface LocalJwtKeys {
  readonly kind: 'local';
  readonly source: TextSource;
}

/** A JWK set that a service serves. */
export interface RemoteJwtKeys {
  readonly kind: 'remote';
  readonly service: HttpService;
  /** ms; Envoy's standard 600000. */
  readonly cacheDuration: number;
  /** async_fetch: fetched when the configuration comes and again before they are old, after a failure in so many ms; undefined: when a token needs them. */
  readonly ahead: { readonly failedRefetch: number } | undefined;
  /** Tries after the first, ms between them; undefined: none. */
  readonly retry:
    | { readonly retries: number; readonly backOff: { readonly base: number; readonly max: number } }
    | undefined;
}
