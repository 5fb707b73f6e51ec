/** Envoy's detail of what RBAC refused, for answers and connections: the policy's name without white space, `none` where none matched. */
export const rbacDetail = (policy: string | undefined): string =>
  `rbac_access_denied_matched_policy[${(policy ?? 'none').replace(/[ \t\f\v\n\r]/g, '_')}]`;
