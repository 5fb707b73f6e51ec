/**
 * What an AccessPolicy says about identities. A prefix always ends with `/`, so that it never holds for a longer name:
 * `spiffe://a/ns/shop/sa/` does not match in namespace `shopping`.
 */
import { err, ok, type Result } from '../kernel/index.ts';
import { MAX_SPIFFE_ID_BYTES, formatSpiffeId, parseSpiffeId, trustDomainError } from './spiffe-id.ts';
import { identityOf } from './workload-identity.ts';

export type IdentityPattern =
  | { readonly kind: 'exact'; readonly value: string }
  | { readonly kind: 'prefix'; readonly value: string }
  /** Every identity that a certificate proved. */
  | { readonly kind: 'any' };

const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const ACCOUNT = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

/**
 * `spiffe://...` (with `/*` at its end: everything below), `NAMESPACE/ACCOUNT`, `NAMESPACE/*` in `trustDomain`, or `*`.
 * The error is a phrase for a person.
 */
export function parseIdentityPattern(text: string, trustDomain: string): Result<IdentityPattern, string> {
  if (text === '*') return ok({ kind: 'any' });
  if (text.length > MAX_SPIFFE_ID_BYTES) return err(`an identity has at most ${MAX_SPIFFE_ID_BYTES} bytes`);
  return text.startsWith('spiffe://') ? parseFull(text) : parseShort(text, trustDomain);
}

function parseFull(text: string): Result<IdentityPattern, string> {
  if (!text.endsWith('/*')) {
    const id = parseSpiffeId(text);
    return id.ok ? ok({ kind: 'exact', value: formatSpiffeId(id.value) }) : wildcardHint(text, id.error);
  }
  const above = parseSpiffeId(text.slice(0, -2));
  return above.ok ? ok({ kind: 'prefix', value: `${formatSpiffeId(above.value)}/` }) : wildcardHint(text, above.error);
}

function parseShort(text: string, trustDomain: string): Result<IdentityPattern, string> {
  const reason = trustDomainError(trustDomain);
  if (reason !== undefined) return err(reason);
  const [namespace = '', account, ...more] = text.split('/');
  if (account === undefined || more.length > 0 || !NAMESPACE.test(namespace)) {
    return wildcardHint(text, 'expected `NAMESPACE/ACCOUNT`, `NAMESPACE/*`, `spiffe://...` or `*`');
  }
  if (account === '*')
    return ok({ kind: 'prefix', value: formatSpiffeId({ trustDomain, path: `/ns/${namespace}/sa/` }) });
  if (!ACCOUNT.test(account)) return wildcardHint(text, `\`${account}\` is not the name of an account`);
  return ok({ kind: 'exact', value: identityOf(trustDomain, namespace, account) });
}

const wildcardHint = (text: string, reason: string): Result<IdentityPattern, string> =>
  err(text.includes('*') ? 'a wildcard is `*` alone or `/*` at the end' : reason);

/** Whether a caller with this SPIFFE ID is meant. `identity` must have passed `parseSpiffeId`. */
export function matchesIdentity(pattern: IdentityPattern, identity: string): boolean {
  switch (pattern.kind) {
    case 'any':
      return true;
    case 'exact':
      return identity === pattern.value;
    case 'prefix':
      return identity.startsWith(pattern.value);
  }
}
