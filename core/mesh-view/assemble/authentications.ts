/** Authentications as rows: what each says of tokens, of mutual TLS and of exposed paths are three things, which replace others one by one. */
import { parseDuration } from '../../kernel/index.ts';
import { objectName, type Authentication, type AuthenticationSpec, type TokenIssuer } from '../../resources/index.ts';
import type { AuthenticationRow, ExposedRow, MtlsRow, TokenIssuerRow } from '../policy-rows.ts';
import type { MeshRow, ServiceRow } from '../rows.ts';
import { arrivals } from './arrivals.ts';
import { type AttachedPolicy, attachPolicies, type PolicyKind, wholeConflicts } from './attached.ts';
import { beginning } from './beginning.ts';
import { atListeners, type Gateways } from './edge.ts';
import type { Memory } from './memory.ts';
import { portModes } from './mutual-tls.ts';
import { NO_KEYS } from './no-keys.ts';
import { keyOf } from './objects.ts';
import type { ReachInput } from './reach.ts';
import { MTLS_MODES } from './rows.ts';
import type { ObjectStatus } from './status.ts';
import type { Targetable } from './targets.ts';

export interface AuthenticationParts {
  readonly tokens: AuthenticationRow | undefined;
  readonly mtls: MtlsRow | undefined;
  readonly exposed: ExposedRow | undefined;
}

const AUTHENTICATIONS: PolicyKind<Authentication, AuthenticationParts> = {
  name: 'authentication',

  conflicts: (older, { tokens, mtls, exposed }, path) => [
    ...(tokens === undefined ? [] : wholeConflicts(stated(older, 'tokens'), tokens, path)),
    ...(mtls === undefined ? [] : wholeConflicts(stated(older, 'mtls'), mtls, path)),
    ...(exposed === undefined ? [] : wholeConflicts(stated(older, 'exposed'), exposed, path)),
  ],

  rowOf: ({ metadata, spec }) => {
    const source = `${objectName('Authentication', metadata.namespace, metadata.name)}#spec`;
    return {
      tokens: spec.issuers === undefined ? undefined : tokensRow(keyOf({ metadata }), spec, spec.issuers, source),
      mtls: spec.mtls === undefined ? undefined : { mode: MTLS_MODES[spec.mtls.mode], source: `${source}.mtls.mode` },
      exposed: spec.exposed === undefined ? undefined : { ...spec.exposed, source: `${source}.exposed` },
    };
  },
};

type Part = keyof AuthenticationParts;
type Stated<P extends Part> = NonNullable<AuthenticationParts[P]>;

function stated<P extends Part>(rows: readonly AuthenticationParts[], part: P): Stated<P>[] {
  return rows.flatMap((row) => row[part] ?? []) as Stated<P>[];
}

/** Those that say something of `part`. */
const stating = <P extends Part>(
  policies: readonly AttachedPolicy<AuthenticationParts>[],
  part: P,
): AttachedPolicy<Stated<P>>[] =>
  policies.flatMap(({ row, targets }) => stated([row], part).map((one) => ({ row: one, targets })));

export interface AuthenticationsInput extends ReachInput {
  readonly mesh: MeshRow;
  readonly there: Targetable;
  /** Without those of other meshes, and hosts outside. */
  readonly services: readonly ServiceRow[];
  readonly gateways: Gateways;
}

export interface Authentications {
  /** By `workloadPortKey`. */
  readonly tokens: ReadonlyMap<string, AuthenticationRow>;
  /** By listener key. */
  readonly edgeTokens: ReadonlyMap<string, AuthenticationRow>;
  /** By `workloadPortKey`. */
  readonly arrivalMtls: ReadonlyMap<string, MtlsRow>;
  /** By `workloadPortKey`. */
  readonly arrivalExposed: ReadonlyMap<string, ExposedRow>;
  /** By port key. */
  readonly portMtls: ReadonlyMap<string, MtlsRow>;
  readonly statuses: readonly ObjectStatus[];
}

export function assembleAuthentications(
  memory: Memory,
  objects: readonly Authentication[],
  { mesh, there, workloads, selected, services, gateways }: AuthenticationsInput,
): Authentications {
  const attached = memory.group('attached', [objects, there], (own) =>
    attachPolicies(own, objects, there, AUTHENTICATIONS),
  );
  const parts = memory.group('parts', [attached], () => ({
    tokens: stating(attached.policies, 'tokens'),
    modes: stating(attached.policies, 'mtls'),
    exposed: stating(attached.policies, 'exposed'),
  }));
  const tokens = memory.group('tokens', [parts, workloads, selected], () =>
    arrivals(parts.tokens, { workloads, selected }),
  );
  const edgeTokens = memory.group('edge tokens', [parts, gateways], () => atListeners(parts.tokens, gateways));
  const arrivalMtls = memory.table(
    'arrival mtls',
    memory.group('modes', [parts, workloads, selected], () => arrivals(parts.modes, { workloads, selected })),
  );
  const exposed = memory.group('exposed', [parts, workloads, selected], () =>
    arrivals(parts.exposed, { workloads, selected }),
  );
  const portMtls = memory.group('port modes', [parts, arrivalMtls, services, selected, mesh], (own) =>
    portModes(own, parts.modes, { mesh, services, selected, arriving: arrivalMtls }),
  );
  return {
    tokens: memory.table('arrival tokens', tokens),
    edgeTokens: memory.table('tokens at listeners', edgeTokens),
    arrivalMtls,
    arrivalExposed: memory.table('arrival exposed', exposed),
    portMtls: memory.table('port mtls', portMtls),
    statuses: attached.statuses,
  };
}

const tokensRow = (
  key: string,
  { mode = 'Required', exempt = [] }: AuthenticationSpec,
  issuers: readonly TokenIssuer[],
  source: string,
): AuthenticationRow => ({
  key,
  issuers: issuers.map(issuerRow),
  required: mode === 'Required',
  exempt: exempt.map(({ methods, paths }) => ({ methods: methods ?? [], paths: (paths ?? []).map(beginning) })),
  source,
});

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
