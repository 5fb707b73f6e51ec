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
  statPrefix: cursor.take('rules_stat_prefix') ?? '',
  shadowStatPrefix: cursor.take('shadow_rules_stat_prefix') ?? '',
  perRuleStats: cursor.take('track_per_rule_stats') ?? false,
});

export const decodeRbacPerRoute = (cursor: Cursor<Messages[typeof RBAC_PER_ROUTE]>): RbacFilter =>
  cursor.within('rbac', decodeHttpRbac) ?? NO_RULES;

const NO_RULES: RbacFilter = {
  kind: 'rbac',
  rules: undefined,
  shadowRules: undefined,
  statPrefix: '',
  shadowStatPrefix: '',
  perRuleStats: false,
};

export const encodeHttpRbac = (
  { rules, shadowRules, statPrefix, shadowStatPrefix, perRuleStats }: RbacFilter,
  encoding: Encoding,
  path: string,
): Messages[typeof RBAC] => ({
  rules: rules === undefined ? undefined : encodeRbac(rules, encoding, `${path}.rules`),
  shadow_rules: shadowRules === undefined ? undefined : encodeRbac(shadowRules, encoding, `${path}.shadowRules`),
  rules_stat_prefix: statPrefix || undefined,
  shadow_rules_stat_prefix: shadowStatPrefix || undefined,
  track_per_rule_stats: perRuleStats ? true : undefined,
});

/** As a route without rules says it. */
export const saysNothing = ({ rules, shadowRules, statPrefix, shadowStatPrefix, perRuleStats }: RbacFilter): boolean =>
  rules === undefined && shadowRules === undefined && statPrefix === '' && shadowStatPrefix === '' && !perRuleStats;
