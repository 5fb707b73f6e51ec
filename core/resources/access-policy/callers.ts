/** Who a rule is about: each entry of `from` as identity patterns, the one form that compilation and `explain` work on. */
import { formatSpiffeId, type IdentityPattern, parseIdentityPattern } from '../../identity/index.ts';
import { cidr, dnsLabel, dnsSubdomain, trustDomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, object, optional, required, string } from '../schema/schema.ts';

/** Stands for the mesh's trust domain where only the form of a pattern is checked. */
const ANY_DOMAIN = 'mesh';

const identityList = array(string({ maxLength: 2048 }), { minItems: 1, maxItems: 64 });

const claim = object({
  name: required(string({ maxLength: 256 }), 'The claim; `a.b` is the claim `b` within `a`.'),
  values: optional(
    array(string({ maxLength: 1024 }), { minItems: 1, maxItems: 64 }),
    'Any one: the claim itself, or one of its items where it is a list. `a*` what begins so. Absent: the claim is there.',
  ),
});

export const caller = object(
  {
    identities: optional(
      identityList,
      'Identities: `spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT`, or in short `NAMESPACE/ACCOUNT` in the mesh’s own trust domain. `/*` at the end stands for everything below: `shop/*`, `spiffe://partner.example/*`. `*` alone: every caller with a SPIFFE ID in a valid certificate. Stands without `accounts`, `namespaces` and `trustDomains`.',
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
    ipBlocks: optional(
      array(string({ format: cidr }), { minItems: 1, maxItems: 64 }),
      'Addresses that the connection comes from, such as `10.0.0.0/8`. Between workloads that is the caller’s host: write identities where there are any.',
    ),
    notIdentities: optional(
      identityList,
      'Other identities than these, in the forms of `identities`. A caller without a certificate is none of them: an `ALLOW` rule does not match it, a `DENY` rule does.',
    ),
    notNamespaces: optional(
      array(string({ format: dnsLabel }), { minItems: 1, maxItems: 64 }),
      'Other namespaces of the mesh than these; a caller without a certificate as with `notIdentities`.',
    ),
    claims: optional(
      array(claim, { minItems: 1, maxItems: 16 }),
      'Claims of a token that an Authentication verified, all of which must hold. On a port that carries TCP there are no tokens: an `ALLOW` rule with `claims` matches nothing there, a `DENY` rule whoever else it names.',
    ),
    notIpBlocks: optional(
      array(string({ format: cidr }), { minItems: 1, maxItems: 64 }),
      'Other addresses than these.',
    ),
    remoteIpBlocks: optional(
      array(string({ format: cidr }), { minItems: 1, maxItems: 64 }),
      'Addresses that the request is from, as told by proxies that `arrivals.xForwardedFor` of a TrafficPolicy trusts; without those, and on ports without requests, as `ipBlocks`. About Gateways alone.',
    ),
    notRemoteIpBlocks: optional(
      array(string({ format: cidr }), { minItems: 1, maxItems: 64 }),
      'Other such addresses than these.',
    ),
  },
  (value, report) => {
    const { identities, accounts, namespaces, trustDomains } = value;
    const others = accounts !== undefined || namespaces !== undefined || trustDomains !== undefined;
    if (Object.values(value).every((field) => field === undefined)) {
      report(
        [],
        'missing-field',
        'says nothing',
        'add one of `identities`, `accounts`, `namespaces`, `trustDomains`, `ipBlocks`',
      );
    }
    if (identities !== undefined && others) {
      report(['identities'], 'exclusive-fields', 'stands alone in its entry', 'make two entries of it');
    }
    for (const field of ['identities', 'notIdentities'] as const)
      for (const [index, text] of (value[field] ?? []).entries()) {
        const pattern = parseIdentityPattern(text, ANY_DOMAIN);
        if (!pattern.ok) report([field, index], 'invalid-identity', pattern.error);
      }
  },
);

export type Caller = Complete<typeof caller>;

interface PatternContext {
  readonly trustDomain: string;
  readonly namespace: string;
}

/** The identities an entry of `from` is about; a caller matches when any pattern does. undefined: it does not say. */
export function patternsOf(entry: Caller, context: PatternContext): readonly IdentityPattern[] | undefined {
  if (entry.identities !== undefined) return parsed(entry.identities, context);
  const { accounts, trustDomains } = entry;
  if (accounts === undefined && entry.namespaces === undefined && trustDomains === undefined) return undefined;
  const domains = trustDomains ?? [context.trustDomain];
  if (accounts === undefined && entry.namespaces === undefined) {
    return domains.map((domain) => ({ kind: 'prefix', value: formatSpiffeId({ trustDomain: domain, path: '/' }) }));
  }
  const namespaces = entry.namespaces ?? [context.namespace];
  return domains.flatMap((domain) =>
    namespaces.flatMap((namespace): readonly IdentityPattern[] =>
      accounts === undefined
        ? [ofNamespace(domain, namespace)]
        : accounts.map((account) => ({
            kind: 'exact',
            value: formatSpiffeId({ trustDomain: domain, path: `/ns/${namespace}/sa/${account}` }),
          })),
    ),
  );
}

/** The identities an entry excludes. */
export const excludedBy = (entry: Caller, context: PatternContext): readonly IdentityPattern[] => [
  ...parsed(entry.notIdentities ?? [], context),
  ...(entry.notNamespaces ?? []).map((namespace) => ofNamespace(context.trustDomain, namespace)),
];

const parsed = (texts: readonly string[], { trustDomain: own }: PatternContext): IdentityPattern[] =>
  texts.flatMap((text) => {
    const pattern = parseIdentityPattern(text, own);
    return pattern.ok ? [pattern.value] : [];
  });

const ofNamespace = (domain: string, namespace: string): IdentityPattern => ({
  kind: 'prefix',
  value: formatSpiffeId({ trustDomain: domain, path: `/ns/${namespace}/sa/` }),
});
