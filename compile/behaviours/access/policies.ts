/** Rules of AccessPolicies as RBAC policies (envoy.config.rbac.v3.Policy), named after their source and its place. */
import type { IdentityPattern } from '@weft/core/identity';
import {
  byName,
  type AccessRuleRow,
  type CallerRow,
  type ClaimRow,
  type DestinationRow,
  type WorkloadAccessRow,
} from '@weft/core/mesh-view';
import {
  placedName,
  type RbacPermission,
  type RbacPolicy,
  type RbacPrincipal,
  type ValueMatcher,
} from '@weft/core/proxy-config';
import { JWT_METADATA, JWT_PAYLOAD } from '../../names.ts';
import { requestPermission } from './requests.ts';

export interface Which {
  readonly port: number;
  /** The port carries HTTP: there are requests. */
  readonly isHttp: boolean;
  /** Rules about connections alone, rules that speak of requests alone, or both. */
  readonly about: 'connections' | 'requests' | 'everything';
}

/** Tokens come with requests, and so does what proxies tell of them. */
export const speaksOfRequests = ({ from, to }: AccessRuleRow): boolean =>
  to?.some(({ request }) => request !== undefined) === true ||
  from?.some(
    ({ claims, remoteIpBlocks, notRemoteIpBlocks }) =>
      claims.length > 0 || remoteIpBlocks !== undefined || notRemoteIpBlocks.length > 0,
  ) === true;

/**
 * A chain serves one port: what speaks of others is left out, and permissions need not repeat it. Where there are no requests, an ALLOW
 * about them matches nothing and a DENY whatever else it says: both fail closed.
 */
export const policiesOf = (
  policies: readonly WorkloadAccessRow[],
  action: 'ALLOW' | 'DENY',
  { port, isHttp, about }: Which,
): RbacPolicy[] =>
  policies
    .flatMap((policy) => policy.rules)
    .filter((rule) => about === 'everything' || speaksOfRequests(rule) === (about === 'requests'))
    .flatMap((rule): RbacPolicy[] => {
      const permissions = permissionsOf(rule.to, action, port, isHttp);
      const principals = rule.from?.map((caller) => principal(caller, action, isHttp)) ?? [{ kind: 'any' } as const];
      if (permissions.length === 0 || principals.length === 0) return [];
      return [{ name: nameOf(rule), permissions, principals: principals.flat(), source: rule.source }];
    })
    .filter(({ principals }) => principals.length > 0)
    .sort((a, b) => byName(a.name, b.name));

const nameOf = ({ source, place }: AccessRuleRow): string =>
  place === undefined ? source : placedName(source, place.file, place.line);

function permissionsOf(
  to: readonly DestinationRow[] | undefined,
  action: 'ALLOW' | 'DENY',
  port: number,
  isHttp: boolean,
): RbacPermission[] {
  if (to === undefined) return [{ kind: 'any' }];
  const permissions = to
    .filter(({ ports, notPorts }) => (ports === undefined || ports.includes(port)) && !notPorts.includes(port))
    .flatMap(({ request }): RbacPermission[] => {
      if (request === undefined) return [{ kind: 'any' }];
      if (isHttp) return [requestPermission(request)];
      return action === 'DENY' ? [{ kind: 'any' }] : [];
    });
  return permissions.some(({ kind }) => kind === 'any') ? [{ kind: 'any' }] : permissions;
}

/** Any one of what comes back. */
function principal(
  { identities, notIdentities, ipBlocks, notIpBlocks, remoteIpBlocks, notRemoteIpBlocks, claims }: CallerRow,
  action: 'ALLOW' | 'DENY',
  isHttp: boolean,
): RbacPrincipal[] {
  if (claims.length > 0 && !isHttp && action === 'ALLOW') return [];
  const parts: RbacPrincipal[] = isHttp ? claims.map(claimRule) : [];
  if (ipBlocks !== undefined) parts.push(anyOf(ipBlocks.map(address)));
  if (notIpBlocks.length > 0) parts.push(not(anyOf(notIpBlocks.map(address))));
  const remote = isHttp ? told : address;
  if (remoteIpBlocks !== undefined) parts.push(anyOf(remoteIpBlocks.map(remote)));
  if (notRemoteIpBlocks.length > 0) parts.push(not(anyOf(notRemoteIpBlocks.map(remote))));
  if (notIdentities.length > 0) {
    if (action === 'ALLOW' && identities === undefined) parts.push(CERTIFIED);
    parts.push(not(anyOf(notIdentities.map(authenticated))));
  }
  if (identities === undefined && parts.length === 0) return [{ kind: 'any' }];
  if (identities === undefined) return [parts.length === 1 && parts[0] !== undefined ? parts[0] : allOf(parts)];
  // Several identities alone stay alternatives of the policy itself: the common case, without a level of its own.
  if (parts.length === 0) return identities.map(authenticated);
  return identities.length === 0 ? [] : [allOf([anyOf(identities.map(authenticated)), ...parts])];
}

/** A claim of the token that an Authentication verified (envoy.filters.http.jwt_authn), or one of its items. */
const claimRule = ({ path, values }: ClaimRow): RbacPrincipal => ({
  kind: 'metadata',
  of: 'request',
  matcher: { namespace: JWT_METADATA, path: [JWT_PAYLOAD, ...path], value: claimValue(values), invert: false },
});

function claimValue(values: ClaimRow['values']): ValueMatcher {
  if (values === undefined) return { kind: 'present', present: true };
  const texts = values.map(
    ({ kind, value }): ValueMatcher => ({ kind: 'string', matcher: { kind, value, ignoreCase: false } }),
  );
  return { kind: 'or', matchers: [...texts, ...texts.map((item): ValueMatcher => ({ kind: 'list', item }))] };
}

/** By proxies that the connection manager trusts: at Gateways alone, where it trusts nobody else. */
const told = (cidr: string): RbacPrincipal => ({ kind: 'remote-ip', cidr });
const address = (cidr: string): RbacPrincipal => ({ kind: 'source-ip', cidr });
const not = (rule: RbacPrincipal): RbacPrincipal => ({ kind: 'not', rule });
const anyOf = (rules: readonly RbacPrincipal[]): RbacPrincipal =>
  rules.length === 1 && rules[0] !== undefined ? rules[0] : { kind: 'or', rules };
const allOf = (rules: readonly RbacPrincipal[]): RbacPrincipal => ({ kind: 'and', rules });

/**
 * Somebody with a certificate of a workload. Without a name Envoy takes every connection over TLS as authenticated, also one without a
 * client certificate, as at an HTTPS listener of a Gateway.
 */
const CERTIFIED: RbacPrincipal = {
  kind: 'authenticated',
  name: { kind: 'prefix', value: 'spiffe://', ignoreCase: false },
};

const authenticated = (pattern: IdentityPattern): RbacPrincipal =>
  pattern.kind === 'any'
    ? CERTIFIED
    : { kind: 'authenticated', name: { kind: pattern.kind, value: pattern.value, ignoreCase: false } };
