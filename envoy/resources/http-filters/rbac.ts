/** envoy.extensions.filters.http.rbac.v3. */
import type { RbacFilter } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import type { Encoding } from '../base/encoding.ts';
import { decodeRbac, encodeRbac } from '../rbac/rbac.ts';

export const RBAC = 'envoy.extensions.filters.http.rbac.v3.RBAC';
export const RBAC_PER_ROUTE = 'envoy.extensions.filters.http.rbac.v3.RBACPerRoute';

export const decodeHttpRbac = (cursor: Cursor<Messages[typeof RBAC]>): RbacFilter => ({
  kind: 'rbac',
  rules: cursor.within('rules', (rules) => decodeRbac(rules, true)),
  shadowRules: cursor.within('shadow_rules', (rules) => decodeRbac(rules, true)),
});

export const decodeRbacPerRoute = (cursor: Cursor<Messages[typeof RBAC_PER_ROUTE]>): RbacFilter =>
  cursor.within('rbac', decodeHttpRbac) ?? { kind: 'rbac', rules: undefined, shadowRules: undefined };

export const encodeHttpRbac = (
  { rules, shadowRules }: RbacFilter,
  encoding: Encoding,
  path: string,
): Messages[typeof RBAC] => ({
  rules: rules === undefined ? undefined : encodeRbac(rules, encoding, `${path}.rules`),
  shadow_rules: shadowRules === undefined ? undefined : encodeRbac(shadowRules, encoding, `${path}.shadowRules`),
});
