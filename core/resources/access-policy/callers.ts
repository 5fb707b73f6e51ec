/** Who a rule is about: each entry of `from` as identity patterns, the one form that compilation and `explain` work on. */
import { formatSpiffeId, type IdentityPattern, parseIdentityPattern } from '../../identity/index.ts';
import { dnsLabel, dnsSubdomain, trustDomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, object, optional, string } from '../schema/schema.ts';

/** Stands for the mesh's trust domain where only the form of a pattern is checked. */
const ANY_DOMAIN = 'mesh';

export const caller = object(
  {
    identities: optional(
      array(string({ maxLength: 2048 }), { minItems: 1, maxItems: 64 }),
      'Identities: `spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT`, or in short `NAMESPACE/ACCOUNT` in the mesh’s own trust domain. `/*` at the end stands for everything below: `shop/*`, `spiffe://partner.example/*`. `*` alone: every caller with a valid certificate. Stands alone in its entry.',
    ),
    accounts: optional(
      array(string({ format: dnsSubdomain }), { minItems: 1, maxItems: 64 }),
      'Service accounts, in `namespaces` if given, else in the policy’s own namespace.',
    ),
    namespaces: optional(
      array(string({ format: dnsLabel }), { minItems: 1, maxItems: 64 }),
      'Namespaces; alone: every account of theirs.',
    ),
    trustDomains: optional(
      array(string({ format: trustDomain }), { minItems: 1, maxItems: 16 }),
      'Trust domains; alone: everyone in them. Absent: the mesh’s own.',
    ),
  },
  ({ identities, accounts, namespaces, trustDomains }, report) => {
    const others = accounts !== undefined || namespaces !== undefined || trustDomains !== undefined;
    if (identities === undefined && !others) {
      report([], 'missing-field', 'says nothing', 'add one of `identities`, `accounts`, `namespaces`, `trustDomains`');
    }
    if (identities !== undefined && others) {
      report(['identities'], 'exclusive-fields', 'stands alone in its entry', 'make two entries of it');
    }
    for (const [index, text] of (identities ?? []).entries()) {
      const pattern = parseIdentityPattern(text, ANY_DOMAIN);
      if (!pattern.ok) report(['identities', index], 'invalid-identity', pattern.error);
    }
  },
);

export type Caller = Complete<typeof caller>;

/** The identities an entry of `from` is about; a caller matches when any pattern does. */
export function patternsOf(
  entry: Caller,
  context: { readonly trustDomain: string; readonly namespace: string },
): readonly IdentityPattern[] {
  if (entry.identities !== undefined) {
    return entry.identities.flatMap((text) => {
      const pattern = parseIdentityPattern(text, context.trustDomain);
      return pattern.ok ? [pattern.value] : [];
    });
  }
  const domains = entry.trustDomains ?? [context.trustDomain];
  if (entry.accounts === undefined && entry.namespaces === undefined) {
    return domains.map((domain) => ({ kind: 'prefix', value: formatSpiffeId({ trustDomain: domain, path: '/' }) }));
  }
  const namespaces = entry.namespaces ?? [context.namespace];
  return domains.flatMap((domain) =>
    namespaces.flatMap((namespace): readonly IdentityPattern[] =>
      entry.accounts === undefined
        ? [{ kind: 'prefix', value: formatSpiffeId({ trustDomain: domain, path: `/ns/${namespace}/sa/` }) }]
        : entry.accounts.map((account) => ({
            kind: 'exact',
            value: formatSpiffeId({ trustDomain: domain, path: `/ns/${namespace}/sa/${account}` }),
          })),
    ),
  );
}
