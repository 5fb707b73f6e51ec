/** Arbitrary RBAC rules. */
import type { MetadataRule, Rbac, RbacPermission, RbacPrincipal } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { metadataMatcher } from './metadata.ts';
import { type Arb, cidr, headerMatcher, maybe, name, port, record, some, source, stringMatcher } from './values.ts';

export const cidrRule = <Kind extends string>(...kinds: readonly Kind[]): Arb<{ kind: Kind; cidr: string }> =>
  record({ kind: fc.constantFrom(...kinds), cidr });

const metadataRule: Arb<MetadataRule> = record({
  kind: fc.constant('metadata' as const),
  of: fc.constantFrom('request' as const, 'route' as const),
  matcher: metadataMatcher,
});

export const permission = (http: boolean): Arb<RbacPermission> =>
  fc.letrec<{ rule: RbacPermission }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 2 },
      fc.constant({ kind: 'any' as const }),
      record({ kind: fc.constant('destination-port' as const), port }),
      record({ kind: fc.constant('destination-port-range' as const), start: fc.constant(80), end: fc.constant(90) }),
      cidrRule('destination-ip' as const),
      record({ kind: fc.constant('requested-server-name' as const), matcher: stringMatcher }),
      ...(http ? [record({ kind: fc.constant('header' as const), header: headerMatcher })] : []),
      ...(http ? [record({ kind: fc.constant('url-path' as const), matcher: stringMatcher })] : []),
      ...(http ? [metadataRule] : []),
      record({ kind: fc.constantFrom('and' as const, 'or' as const), rules: some(tie('rule')) }),
      record({ kind: fc.constant('not' as const), rule: tie('rule') }),
    ),
  })).rule;

export const principal = (http: boolean): Arb<RbacPrincipal> =>
  fc.letrec<{ rule: RbacPrincipal }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 2 },
      fc.constant({ kind: 'any' as const }),
      record({ kind: fc.constant('authenticated' as const), name: maybe(stringMatcher) }),
      cidrRule('direct-remote-ip' as const, 'remote-ip' as const, 'source-ip' as const),
      ...(http ? [record({ kind: fc.constant('header' as const), header: headerMatcher })] : []),
      ...(http ? [record({ kind: fc.constant('url-path' as const), matcher: stringMatcher })] : []),
      ...(http ? [metadataRule] : []),
      record({ kind: fc.constantFrom('and' as const, 'or' as const), rules: some(tie('rule')) }),
      record({ kind: fc.constant('not' as const), rule: tie('rule') }),
    ),
  })).rule;

export const rbac = (http: boolean): Arb<Rbac> =>
  record({
    action: fc.constantFrom('ALLOW' as const, 'DENY' as const, 'LOG' as const),
    policies: fc
      .uniqueArray(record({ name, permissions: some(permission(http)), principals: some(principal(http)), source }), {
        selector: (policy) => policy.name,
        maxLength: 2,
      })
      .map((policies) => policies.toSorted((a, b) => (keyed(a) < keyed(b) ? -1 : 1))),
  });

export const keyed = (policy: { name: string; source: string | undefined }): string =>
  policy.source === undefined ? policy.name : `${policy.name} [${policy.source}]`;
