/** AccessPolicies as they apply to workloads. */
import type { IdentityPattern } from '../identity/index.ts';
import type { TextMatch } from './rows.ts';

/** Who calls; all that is said must hold. */
export interface CallerRow {
  /** Any one; undefined: it does not matter who. */
  readonly identities: readonly IdentityPattern[] | undefined;
  /** None of them; a caller without a certificate is none of them for a DENY, and not meant by an ALLOW. */
  readonly notIdentities: readonly IdentityPattern[];
  /** CIDR; any one; undefined: any address. */
  readonly ipBlocks: readonly string[] | undefined;
  readonly notIpBlocks: readonly string[];
  /** As trusted proxies tell it of a request; otherwise as above. */
  readonly remoteIpBlocks: readonly string[] | undefined;
  readonly notRemoteIpBlocks: readonly string[];
  /** Of a verified token; all of them. */
  readonly claims: readonly ClaimRow[];
}

export interface ClaimRow {
  /** Keys of objects within each other. */
  readonly path: readonly string[];
  /** Any one, of the claim or of its items; undefined: it is there. */
  readonly values: readonly { readonly kind: 'exact' | 'prefix'; readonly value: string }[] | undefined;
}

/** A pattern of a path: the whole text, its beginning or its end. */
export interface PathPattern {
  readonly kind: 'exact' | 'prefix' | 'suffix';
  readonly value: string;
}

export interface HeaderCondition {
  /** Lower case. */
  readonly name: string;
  readonly value: TextMatch | { readonly kind: 'present' | 'absent' };
}

/** What of a request a rule speaks of; all that is said must hold. undefined: anything. */
export interface RequestRow {
  /** Lower case, `*.` for everything below. */
  readonly hosts: readonly string[] | undefined;
  readonly notHosts: readonly string[];
  readonly methods: readonly string[] | undefined;
  readonly notMethods: readonly string[];
  readonly paths: readonly PathPattern[] | undefined;
  readonly notPaths: readonly PathPattern[];
  /** Expressions over the whole path. */
  readonly pathRegexes: readonly string[] | undefined;
  readonly notPathRegexes: readonly string[];
  readonly headers: readonly HeaderCondition[];
}

export interface DestinationRow {
  /** Ports of the workload (where the application listens); undefined: all. */
  readonly ports: readonly number[] | undefined;
  readonly notPorts: readonly number[];
  /** undefined: the rule does not speak of requests. */
  readonly request: RequestRow | undefined;
}

export interface AccessRuleRow {
  /** Any one; undefined: everybody, also a peer without a certificate. */
  readonly from: readonly CallerRow[] | undefined;
  /** Any one; undefined: everything. */
  readonly to: readonly DestinationRow[] | undefined;
  readonly source: string;
  /** Where it stood when its policy last changed; undefined where nobody applied that from a file. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
}

/** One AccessPolicy as it applies to one workload. */
export interface WorkloadAccessRow {
  readonly policy: string;
  readonly action: 'ALLOW' | 'DENY' | 'EXTERNAL' | 'AUDIT';
  /** With EXTERNAL: key of the Extension, which may not be there; '' otherwise. */
  readonly extension: string;
  /** Nothing is refused by it; what would be is counted. */
  readonly shadow: boolean;
  /** Any one; a policy without rules matches nothing. */
  readonly rules: readonly AccessRuleRow[];
  /** Ports of the workload that the policy targets; undefined: all. */
  readonly ports: readonly number[] | undefined;
  readonly source: string;
}
