/** What a called proxy says to the token of a request, by the claims that were stated: they are taken as signed and in time. */
import { compileHeader, type RequestView } from '@weft/core/decide';
import type {
  JwtAuthnFilter,
  JwtProvider,
  JwtRequirement,
  JwtRule,
  MetadataStruct,
  MetadataValue,
} from '@weft/core/proxy-config';

export interface TokenWord {
  /** Whether the claims count for what follows. */
  readonly verified: boolean;
  /** undefined: nothing is refused. */
  readonly refusal: { readonly status: 401 | 403; readonly reason: string } | undefined;
}

export function tokenWord(filter: JwtAuthnFilter, request: RequestView, claims: MetadataStruct | undefined): TokenWord {
  const rule = filter.rules.find((candidate) => matches(candidate, request));
  if (rule?.requirement === undefined) return { verified: false, refusal: undefined };
  const { names, optional } = accepted(rule.requirement);
  if (claims === undefined)
    return {
      verified: false,
      refusal: optional ? undefined : { status: 401, reason: 'a token is required, and there is none' },
    };
  const refusal = fault(
    filter.providers.filter(({ name }) => names.includes(name)),
    claims,
  );
  return { verified: refusal === undefined, refusal };
}

function accepted(requirement: JwtRequirement): { readonly names: readonly string[]; readonly optional: boolean } {
  switch (requirement.kind) {
    case 'provider':
      return { names: [requirement.provider], optional: false };
    case 'any':
    case 'all': {
      const parts = requirement.requirements.map(accepted);
      return { names: parts.flatMap(({ names }) => names), optional: parts.some(({ optional }) => optional) };
    }
    case 'nothing':
    case 'allow-missing':
    case 'allow-missing-or-failed':
      return { names: [], optional: true };
  }
}

function fault(providers: readonly JwtProvider[], claims: MetadataStruct): TokenWord['refusal'] {
  const issuer = text(claims, 'iss');
  const provider = providers.find((one) => one.issuer === issuer);
  if (provider === undefined)
    return { status: 401, reason: `tokens of the issuer ${JSON.stringify(issuer)} are not taken` };
  const audience = Object.hasOwn(claims, 'aud') ? claims['aud'] : undefined;
  const audiences: readonly MetadataValue[] = Array.isArray(audience) ? audience : [audience ?? null];
  if (provider.audiences.length > 0 && !provider.audiences.some((one) => audiences.includes(one)))
    return {
      status: 403,
      reason: `the token is for ${JSON.stringify(audience ?? null)}, not for ${provider.audiences.join(' or ')}`,
    };
  if (provider.requireExpiration && !Object.hasOwn(claims, 'exp'))
    return { status: 401, reason: 'the token never expires, and that is not taken' };
  return undefined;
}

const text = (claims: MetadataStruct, name: string): MetadataValue | undefined =>
  Object.hasOwn(claims, name) ? claims[name] : undefined;

/** The matches that compilation writes: a path and headers. */
function matches({ match: { path, headers } }: JwtRule, request: RequestView): boolean {
  const onPath =
    path.kind === 'exact' ? request.path === path.value : path.kind === 'prefix' && request.path.startsWith(path.value);
  return onPath && headers.every((header) => compileHeader(header, () => {})(request, 'joined'));
}
