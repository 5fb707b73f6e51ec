/** Role-based access control (envoy.config.rbac.v3.RBAC), for the network filter and the HTTP filter alike. */
import type { Source } from './source.ts';
import type { HeaderMatcher, StringMatcher } from './matcher.ts';
import type { MetadataMatcher } from './metadata.ts';

export interface Rbac {
  readonly action: 'ALLOW' | 'DENY' | 'LOG';
  /** Ordered by name; the action applies when any policy matches. ALLOW with no policy refuses everything. */
  readonly policies: readonly RbacPolicy[];
}

export interface RbacPolicy {
  readonly name: string;
  /** Any one must hold (and any one principal). */
  readonly permissions: readonly RbacPermission[];
  readonly principals: readonly RbacPrincipal[];
  readonly source: Source | undefined;
}

export type RbacPermission =
  | { readonly kind: 'any' }
  | { readonly kind: 'and' | 'or'; readonly rules: readonly RbacPermission[] }
  | { readonly kind: 'not'; readonly rule: RbacPermission }
  | { readonly kind: 'destination-port'; readonly port: number }
  /** Half-open [start, end). */
  | { readonly kind: 'destination-port-range'; readonly start: number; readonly end: number }
  | { readonly kind: 'destination-ip'; readonly cidr: string }
  | { readonly kind: 'requested-server-name'; readonly matcher: StringMatcher }
  /** HTTP only. */
  | { readonly kind: 'header'; readonly header: HeaderMatcher }
  /** HTTP only; the canonical path without query. */
  | { readonly kind: 'url-path'; readonly matcher: StringMatcher }
  | MetadataRule;

export type RbacPrincipal =
  | { readonly kind: 'any' }
  | { readonly kind: 'and' | 'or'; readonly rules: readonly RbacPrincipal[] }
  | { readonly kind: 'not'; readonly rule: RbacPrincipal }
  /** The peer's URI SAN (SPIFFE ID), else DNS SAN, else subject; undefined: any peer with a verified certificate. */
  | { readonly kind: 'authenticated'; readonly name: StringMatcher | undefined }
  | { readonly kind: 'direct-remote-ip' | 'remote-ip' | 'source-ip'; readonly cidr: string }
  /** HTTP only. */
  | { readonly kind: 'header'; readonly header: HeaderMatcher }
  | { readonly kind: 'url-path'; readonly matcher: StringMatcher }
  | MetadataRule;

/** HTTP only: what filters know of the request, e.g. the claims of its token, or what its route says of itself. */
export interface MetadataRule {
  readonly kind: 'metadata';
  readonly of: 'request' | 'route';
  readonly matcher: MetadataMatcher;
}
