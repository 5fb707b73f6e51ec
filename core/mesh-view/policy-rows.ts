/** Rows of policies of which the most specific one counts whole (docs/policy.md). As all rows deeply immutable. */
import type { ResourcePatch } from '../proxy-config/index.ts';
import type { Limit } from '../services/index.ts';
import type { PathPattern } from './access-rows.ts';
import type { MtlsMode, NamedMatch, NameValue, ServiceReference, Share } from './rows.ts';

/** One Fault as it is attached to a target. */
export interface FaultRow {
  readonly key: string;
  readonly faults: readonly FaultEntryRow[];
  readonly source: string;
}

export interface FaultEntryRow {
  /** Key of the table `callerConditions`; undefined: whoever calls. */
  readonly from: string | undefined;
  readonly headers: readonly NamedMatch[];
  /** ms */
  readonly delay: { readonly duration: number; readonly share: Share } | undefined;
  readonly abort: { readonly kind: 'http' | 'grpc'; readonly status: number; readonly share: Share } | undefined;
  /** KiB/s */
  readonly bandwidth: { readonly rate: number; readonly share: Share } | undefined;
  readonly source: string;
}

/** One RateLimit as it is attached to a target. */
export interface RateLimitRow {
  readonly key: string;
  readonly local:
    | {
        readonly requests: number;
        /** ms */
        readonly per: number;
        readonly burst: number;
        /** Limits of single callers instead of the common one, each identity once; absent: none. */
        readonly overrides?: readonly {
          readonly identity: string;
          readonly requests: number;
          readonly burst: number;
        }[];
      }
    | undefined;
  readonly global: GlobalLimitsRow | undefined;
  readonly status: number;
  readonly headers: readonly NameValue[];
  readonly tellsLimits: boolean;
  readonly enforced: boolean;
  readonly source: string;
}

/** What a limiter counts. */
export interface GlobalLimitsRow {
  /** undefined: the mesh's. */
  readonly limiter: ServiceReference | undefined;
  readonly limits: readonly { readonly limit: Limit; readonly by: readonly LimitedByRow[] }[];
  /** ms */
  readonly timeout: number;
  /** Without an answer nothing passes. */
  readonly denies: boolean;
}

/** With `value` the limit is about requests that have it; without, each value is counted by itself. */
export type LimitedByRow =
  | { readonly kind: 'identity' | 'address' }
  | { readonly kind: 'header' /** Lower case; `:method`. */; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'path'; readonly value: PathPattern | undefined }
  | { readonly kind: 'query'; readonly name: string }
  | { readonly kind: 'claim'; readonly path: readonly string[] };

/** Whom an Extension or a filter of a route asks. */
export type AskRow = ExtensionRow | ProcessorRow;

/** Who sees requests and answers, and may change them (external processing). */
export interface ProcessorRow {
  readonly kind: 'processing';
  readonly key: string;
  readonly service: ServiceReference;
  /** ms, of each message. */
  readonly timeout: number;
  readonly denies: boolean;
  readonly modes: {
    readonly requestHeaders: boolean;
    readonly responseHeaders: boolean;
    readonly requestBody: BodyMode;
    readonly responseBody: BodyMode;
  };
  /** Lower case; undefined: all. */
  readonly shownHeaders: readonly string[] | undefined;
  readonly choosesAgain: boolean;
  readonly overridesModes: boolean;
  readonly source: string;
}
export type BodyMode = 'none' | 'streamed' | 'buffered' | 'buffered-partial';

/** Who is asked about requests (external authorization). */
export interface ExtensionRow {
  readonly kind: 'authorization';
  readonly key: string;
  readonly protocol: 'grpc' | 'http';
  readonly service: ServiceReference;
  /** '' without. */
  readonly pathPrefix: string;
  /** ms */
  readonly timeout: number;
  /** Without an answer nothing passes. */
  readonly denies: boolean;
  readonly body: { readonly maxBytes: number; readonly partial: boolean } | undefined;
  /** Lower case, as all names here; undefined: those that the protocol shows by itself. */
  readonly requestHeaders: readonly string[] | undefined;
  readonly upstreamHeaders: readonly string[];
  readonly downstreamHeaders: readonly string[];
  readonly source: string;
}

/** Paths of a port that need no authentication, and the port of the proxy that they are asked at. */
export interface ExposedRow {
  readonly listenerPort: number;
  /** Whole ones, each once. */
  readonly paths: readonly string[];
  readonly source: string;
}

/** What an Authentication says of mutual TLS, at a port of a workload or of a service. */
export interface MtlsRow {
  /** Of a service whose workloads differ: `permissive`, callers see to each. */
  readonly mode: MtlsMode;
  readonly source: string;
}

/** What an Authentication says of tokens, as it is attached to a target. */
export interface AuthenticationRow {
  readonly key: string;
  readonly issuers: readonly TokenIssuerRow[];
  /** A request without any token is refused. */
  readonly required: boolean;
  /** Any one: requests that nothing is asked of. */
  readonly exempt: readonly ExemptRow[];
  readonly source: string;
}

export interface TokenIssuerRow {
  readonly issuer: string;
  /** Empty: any. */
  readonly audiences: readonly string[];
  /** JWK set as JSON text; a set without keys: none is known yet, every token is refused. */
  readonly jwks: string;
  readonly fromHeaders: readonly { readonly name: string; readonly prefix: string }[];
  readonly fromParameters: readonly string[];
  readonly fromCookies: readonly string[];
  readonly forward: boolean;
  /** Lower case; '' without. */
  readonly payloadHeader: string;
  readonly claimHeaders: readonly { readonly path: readonly string[]; readonly header: string }[];
  /** s */
  readonly clockSkew: number;
  readonly requireExpiration: boolean;
  /** ms; undefined: no limit. */
  readonly maxLifetime: number | undefined;
}

/** All that is said must hold. */
export interface ExemptRow {
  /** Empty: any. */
  readonly methods: readonly string[];
  readonly paths: readonly { readonly kind: 'exact' | 'prefix'; readonly value: string }[];
}

/** One BackendTLSPolicy, or `tls` of a TrafficPolicy: the service ends TLS itself. */
export interface BackendTlsRow {
  readonly key: string;
  /** Server name that is sent. */
  readonly hostname: string;
  /** The certificate must have one of them; `*.` before a DNS name stands for one label. */
  readonly names: readonly { readonly kind: 'dns' | 'uri'; readonly value: string }[];
  /** `nobody`: what is said cannot be verified, every connection fails. */
  readonly trust:
    | { readonly kind: 'system' | 'nobody' }
    | { readonly kind: 'roots'; readonly pem: string }
    /** By the bundle of a foreign trust domain; the caller shows its own certificate. */
    | { readonly kind: 'federated'; readonly trustDomain: string };
  readonly source: string;
}

/** What callers know. */
export interface VisibilityRow {
  readonly key: string;
  /** Any one. `namespace`: undefined, the caller's own; `*`, any. `name`: undefined, all. */
  readonly services: readonly { readonly namespace: string | undefined; readonly name: string | undefined }[];
  readonly source: string;
}

/** Changes to what proxies are told. */
export interface EnginePatchRow {
  readonly key: string;
  /** undefined: of both. */
  readonly engine: 'weft' | 'envoy' | undefined;
  readonly patches: readonly ResourcePatch[];
  readonly source: string;
}

/** A port of a service that a listener passes TLS through to, by the server names. */
export interface PassedPortRow {
  /** Port key. */
  readonly port: string;
  /** Lower case, each once. */
  readonly names: readonly string[];
}
