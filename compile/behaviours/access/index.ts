/**
 * AccessPolicy: who may call a workload's port, decided on the identity that the caller's certificate proves. DENY policies come first;
 * then, when an ALLOW policy is about the port or the mesh denies by default, what no ALLOW rule matches is refused. Without either, every
 * caller that `mtls` lets in passes. A plaintext caller has no identity: only rules without `from` speak of it.
 */
import type { IdentityPattern } from '@weft/core/identity';
import { byName, type WorkloadAccessRow } from '@weft/core/mesh-view';
import type { FilterChain, NetworkFilter, RbacPolicy, RbacPrincipal } from '@weft/core/proxy-config';
import type { Behaviour, InboundInput } from '../behaviour.ts';

export const access: Behaviour = {
  name: 'access',

  inboundChain(chain: FilterChain, { mesh, port, access: policies }: InboundInput): FilterChain {
    const about = policies.filter(({ ports }) => ports === undefined || ports.includes(port.port));
    const deny = about.filter(({ action }) => action === 'DENY');
    const allow = about.filter(({ action }) => action === 'ALLOW');
    const filters: NetworkFilter[] = [];
    const denied = rules(deny, port.port);
    if (denied.length > 0) filters.push(filter(chain, 'DENY', denied));
    if (allow.length > 0 || mesh.access === 'deny') filters.push(filter(chain, 'ALLOW', rules(allow, port.port)));
    return filters.length === 0 ? chain : { ...chain, networkFilters: [...filters, ...chain.networkFilters] };
  },
};

const filter = (chain: FilterChain, action: 'ALLOW' | 'DENY', policies: readonly RbacPolicy[]): NetworkFilter => ({
  kind: 'rbac',
  statPrefix: `${chain.name}/access/${action.toLowerCase()}`,
  rules: { action, policies },
  shadowRules: undefined,
});

/** A chain serves one port: a rule is about it or left out, and permissions need not repeat it. */
const rules = (policies: readonly WorkloadAccessRow[], port: number): RbacPolicy[] =>
  policies
    .flatMap((policy) => policy.rules)
    .filter(({ ports }) => ports === undefined || ports.includes(port))
    .map(
      ({ from, source }): RbacPolicy => ({
        name: source,
        permissions: [{ kind: 'any' }],
        principals: from === undefined ? [{ kind: 'any' }] : from.map(principal),
        source,
      }),
    )
    .filter(({ principals }) => principals.length > 0)
    .sort((a, b) => byName(a.name, b.name));

function principal(pattern: IdentityPattern): RbacPrincipal {
  return pattern.kind === 'any'
    ? { kind: 'authenticated', name: undefined }
    : { kind: 'authenticated', name: { kind: pattern.kind, value: pattern.value, ignoreCase: false } };
}
