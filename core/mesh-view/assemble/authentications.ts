/** Authentications as rows. */
import { parseDuration } from '../../kernel/index.ts';
import { objectName, type Authentication, type TokenIssuer } from '../../resources/index.ts';
import type { AuthenticationRow, TokenIssuerRow } from '../policy-rows.ts';
import { type PolicyKind, wholeConflicts } from './attached.ts';
import { beginning } from './beginning.ts';
import { NO_KEYS } from './no-keys.ts';
import { keyOf } from './objects.ts';

export const AUTHENTICATIONS: PolicyKind<Authentication, AuthenticationRow> = {
  name: 'authentication',
  conflicts: wholeConflicts,
  rowOf: ({ metadata, spec }) => ({
    key: keyOf({ metadata }),
    issuers: spec.issuers.map(issuerRow),
    required: spec.mode === 'Required',
    exempt: (spec.exempt ?? []).map(({ methods, paths }) => ({
      methods: methods ?? [],
      paths: (paths ?? []).map(beginning),
    })),
    source: `${objectName('Authentication', metadata.namespace, metadata.name)}#spec`,
  }),
};

const issuerRow = (issuer: TokenIssuer): TokenIssuerRow => ({
  issuer: issuer.issuer,
  audiences: issuer.audiences ?? [],
  jwks: issuer.keys.jwks ?? NO_KEYS,
  fromHeaders: (issuer.fromHeaders ?? []).map(({ name, prefix }) => ({ name: name.toLowerCase(), prefix })),
  fromParameters: issuer.fromParameters ?? [],
  fromCookies: issuer.fromCookies ?? [],
  forward: issuer.forward,
  payloadHeader: issuer.payloadHeader?.toLowerCase() ?? '',
  claimHeaders: (issuer.claimHeaders ?? []).map(({ claim, header }) => ({
    path: claim.split('.'),
    header: header.toLowerCase(),
  })),
  clockSkew: (parseDuration(issuer.clockSkew) ?? 0) / 1000,
  requireExpiration: issuer.requireExpiration,
  maxLifetime: issuer.maxLifetime === undefined ? undefined : parseDuration(issuer.maxLifetime),
});
