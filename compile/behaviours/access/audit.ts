/** AccessPolicies with action AUDIT: requests that their rules match are written down, refused or not (Envoy: RBAC's LOG, and an access log). */
import type { WorkloadAccessRow } from '@weft/core/mesh-view';
import type { AccessLog, HttpFilter } from '@weft/core/proxy-config';
import { policiesOf } from './policies.ts';

const PREFIX = 'audit_';

/** Stands before whatever refuses. */
export function auditFilters(rows: readonly WorkloadAccessRow[], port: number): readonly HttpFilter[] {
  const audits = rows.filter(({ action }) => action === 'AUDIT');
  const policies = policiesOf(audits, 'DENY', { port, isHttp: true, about: 'everything' });
  if (policies.length === 0) return [];
  // Statistics are named after policies: without lines, which change.
  const named = policies.map((policy) => ({ ...policy, name: policy.source ?? policy.name }));
  return [
    {
      kind: 'rbac',
      name: 'access/audit',
      disabled: false,
      rules: { action: 'LOG', policies: named },
      shadowRules: undefined,
      statPrefix: PREFIX,
      shadowStatPrefix: '',
      perRuleStats: true,
    },
  ];
}

/** One line of JSON a request, on standard error. */
export const AUDIT_LOG: AccessLog = {
  sink: { kind: 'stderr' },
  format: {
    kind: 'json',
    fields: [
      ['audit', `%DYNAMIC_METADATA(envoy.filters.http.rbac:${PREFIX}enforced_effective_policy_id)%`],
      ['time', '%START_TIME%'],
      ['caller', '%DOWNSTREAM_PEER_URI_SAN%'],
      ['address', '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%'],
      ['method', '%REQ(:METHOD)%'],
      ['host', '%REQ(:AUTHORITY)%'],
      ['path', '%REQ(:PATH)%'],
      ['status', '%RESPONSE_CODE%'],
      ['details', '%RESPONSE_CODE_DETAILS%'],
      ['request', '%REQ(X-REQUEST-ID)%'],
    ],
  },
  filter: {
    kind: 'metadata',
    matcher: {
      namespace: 'envoy.common',
      path: ['access_log_hint'],
      value: { kind: 'bool', value: true },
    },
    absent: false,
  },
};
