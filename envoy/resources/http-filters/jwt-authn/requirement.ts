/** envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement. What would let tokens pass unverified is refused. */
import type { JwtRequirement } from '@weft/core/proxy-config';
import type { Messages } from '../../../tables/index.ts';
import type { Cursor } from '../../base/cursor.ts';
import { some } from '../../base/encoding.ts';

type Wire = Messages['envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement'];

/** Deeper ones are refused: they are read recursively. */
const MOST_LEVELS = 16;

export function decodeRequirement(cursor: Cursor<Wire>, providers: ReadonlySet<string>, level: number): JwtRequirement {
  const provider = cursor.take('provider_name');
  if (provider !== undefined) {
    if (!providers.has(provider)) cursor.fault('provider_name', 'invalid-value', `providers has no ${provider}`);
    return { kind: 'provider', provider, audiences: [] };
  }
  const withAudiences = cursor.within('provider_and_audiences', (inner): JwtRequirement => {
    const name = inner.take('provider_name') ?? '';
    if (!providers.has(name)) inner.fault('provider_name', 'invalid-value', `providers has no ${name}`);
    return { kind: 'provider', provider: name, audiences: inner.take('audiences') ?? [] };
  });
  if (withAudiences !== undefined) return withAudiences;
  if (level > MOST_LEVELS && (cursor.has('requires_any') || cursor.has('requires_all'))) {
    cursor.take('requires_any');
    cursor.take('requires_all');
    cursor.refuse('limit-exceeded', `requirements within requirements are read to a depth of ${MOST_LEVELS}`);
  }
  const any = cursor.within('requires_any', (list) =>
    list.each('requirements', (one) => decodeRequirement(one, providers, level + 1)),
  );
  if (any !== undefined) return { kind: 'any', requirements: any };
  const all = cursor.within('requires_all', (list) =>
    list.each('requirements', (one) => decodeRequirement(one, providers, level + 1)),
  );
  if (all !== undefined) return { kind: 'all', requirements: all };
  if (cursor.within('allow_missing_or_failed', () => true) === true) return { kind: 'allow-missing-or-failed' };
  if (cursor.within('allow_missing', () => true) === true) return { kind: 'allow-missing' };
  return { kind: 'nothing' };
}

export function encodeRequirement(requirement: JwtRequirement): Wire {
  switch (requirement.kind) {
    case 'nothing':
      return {};
    case 'provider': {
      const { provider, audiences } = requirement;
      return audiences.length === 0
        ? { provider_name: provider }
        : { provider_and_audiences: { provider_name: provider, audiences: some(audiences) } };
    }
    case 'any':
      return { requires_any: { requirements: requirement.requirements.map(encodeRequirement) } };
    case 'all':
      return { requires_all: { requirements: requirement.requirements.map(encodeRequirement) } };
    case 'allow-missing':
      return { allow_missing: {} };
    case 'allow-missing-or-failed':
      return { allow_missing_or_failed: {} };
  }
}
