/** weft.dev Authentication: what proves who calls, mutual TLS and JSON web tokens. It acts in the called workload's proxy. */
import { parseDuration } from '../../kernel/index.ts';
import { checkTargetNamespaces, type TargetRef, targetRefs, targetsColumn } from '../gateway/target-ref.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, duration, headerName } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, boolean, defaulted, object, oneOf, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';
import { exposed } from './exposed.ts';
import { checkJwks } from './jwks.ts';
import { checkKeysUrl } from './keys-url.ts';

export { isPrivateJwk } from './jwks.ts';

const LONGEST_JWKS = 65_536;

const keys = object(
  {
    jwks: optional(
      string({ maxLength: LONGEST_JWKS }),
      'The issuer’s public keys: a JWK set (RFC 7517) as JSON text. A set with private parts is refused.',
    ),
    url: optional(
      string({ maxLength: 2048 }),
      'Where the issuer serves its JWK set, by `https`. The control plane fetches it, not the proxies. Until it is there every token of the issuer is refused.',
    ),
    refresh: defaulted(
      string({ format: duration }),
      '10m',
      'How often `url` is fetched again, at least `30s`; when that fails the keys fetched last count on.',
    ),
  },
  ({ jwks, url, refresh }, report) => {
    if ((jwks === undefined) === (url === undefined))
      report(
        [],
        jwks === undefined ? 'missing-field' : 'exclusive-fields',
        'keys come from `jwks` or from `url`',
        'write one of them',
      );
    if (jwks !== undefined) checkJwks(jwks, report);
    if (url !== undefined) checkKeysUrl(url, report);
    if ((parseDuration(refresh) ?? 0) < 30_000) report(['refresh'], 'out-of-range', 'must be at least `30s`');
  },
);

const location = object({
  name: required(string({ format: headerName }), 'The header’s name.'),
  prefix: defaulted(string({ minLength: 0, maxLength: 64 }), '', 'What stands before the token, such as `Bearer `.'),
});

const names = array(string({ format: headerName }), { minItems: 1, maxItems: 8 });

const claimHeader = object({
  claim: required(string({ maxLength: 256 }), 'The claim; `a.b` is the claim `b` within `a`.'),
  header: required(
    string({ format: headerName }),
    'The header that the application gets. What callers send in it is taken away.',
  ),
});

const issuer = object(
  {
    issuer: required(string({ maxLength: 1024 }), 'What the claim `iss` must be, such as `https://accounts.example`.'),
    audiences: optional(
      array(string({ maxLength: 1024 }), { minItems: 1, maxItems: 32 }),
      'The claim `aud` must hold one of these. Absent: any audience, also tokens that were made for others.',
    ),
    keys: required(keys, 'The keys that its tokens are signed with.'),
    fromHeaders: optional(
      array(location, { minItems: 1, maxItems: 8 }),
      'Headers that carry the token. Without any location: `authorization` with `Bearer `.',
    ),
    fromParameters: optional(names, 'Query parameters that carry the token. They end up in logs.'),
    fromCookies: optional(names, 'Cookies that carry the token.'),
    forward: defaulted(boolean(), false, 'Whether the token goes on to the application.'),
    payloadHeader: optional(
      string({ format: headerName }),
      'A header in which the application gets the token’s payload (base64url). What callers send in it is taken away.',
    ),
    claimHeaders: optional(
      array(claimHeader, { minItems: 1, maxItems: 16, uniqueBy: ['header'] }),
      'Claims that the application gets as headers.',
    ),
    clockSkew: defaulted(
      string({ format: duration }),
      '60s',
      'How far the issuer’s clock may be off, in whole seconds.',
    ),
    requireExpiration: defaulted(boolean(), true, 'Whether a token without `exp` is refused.'),
    maxLifetime: optional(
      string({ format: duration }),
      'The most that a token may still be valid for. Absent: any time.',
    ),
  },
  ({ clockSkew, audiences }, report) => {
    if ((parseDuration(clockSkew) ?? 0) % 1000 !== 0)
      report(['clockSkew'], 'invalid-value', 'is no whole number of seconds', 'write `60s`');
    if (audiences === undefined)
      report(
        ['audiences'],
        'any-audience',
        'tokens that the issuer made for other services are taken too',
        'name the audiences that are meant',
        'warning',
      );
  },
);

const exempt = object(
  {
    methods: optional(array(string({ format: headerName }), { minItems: 1, maxItems: 16 }), 'Methods. Absent: any.'),
    paths: optional(
      array(string({ maxLength: 1024 }), { minItems: 1, maxItems: 64 }),
      '`/a` that path, `/a/*` every one that begins so. Absent: any.',
    ),
  },
  ({ methods, paths }, report) => {
    if (methods === undefined && paths === undefined)
      report([], 'missing-field', 'says nothing', 'add `paths` or `methods`');
    for (const [index, text] of (paths ?? []).entries())
      if (!text.startsWith('/') || text.slice(0, -1).includes('*'))
        report(['paths', index], 'invalid-value', 'a path begins with `/` and has a `*` at its end at most');
  },
);

const mtls = object({
  mode: required(
    oneOf(['Strict', 'Permissive', 'Disabled']),
    '`Strict`: connections with a certificate of the mesh only. `Permissive`: plaintext too, whose callers have no identity; for the time of a migration. `Disabled`: plaintext only, nobody has an identity. Callers of the mesh follow by themselves: they send plaintext to a port that is `Disabled`. Between `Strict` and `Permissive` no call of theirs fails; to `Disabled` and from it calls fail until both sides know.',
  ),
});

const spec = object(
  {
    targetRefs: required(
      targetRefs,
      'Whose requests are authenticated: what arrives at the workloads of a Service (or one of its ports), of the namespace, of the mesh; what enters a Gateway or one of its listeners. Of the policies that state `issuers` the most specific counts and replaces the others, so of those that state `mtls`, and of those that state `exposed`; among equals the oldest, then the first by namespace and name.',
    ),
    mtls: optional(
      mtls,
      'Mutual TLS of what arrives there; what is not said here the Mesh says in `mtls.mode`. About Services, their ports and the Namespace: the Mesh speaks for the mesh, a Gateway’s listener for who enters there.',
    ),
    exposed: optional(
      exposed,
      'Paths that are answered without any authentication, for whoever checks health from outside of the mesh. About ports of Services (`sectionName`), and about nothing else.',
    ),
    issuers: optional(
      array(issuer, { minItems: 1, maxItems: 16, uniqueBy: ['issuer'] }),
      'Who makes tokens. A token is verified by the keys of its own issuer. Absent: nothing is said about tokens.',
    ),
    mode: optional(
      oneOf(['Required', 'Optional']),
      'Of tokens. `Required`: a request without a valid token is answered with 401. `Optional`: a request without any passes, one with a token that is not valid is answered with 401; AccessPolicy says what may be asked without. A preflight of a browser (OPTIONS with `origin` and `access-control-request-method`) carries no token and passes by either; AccessPolicy says what may not. Absent: `Required`.',
    ),
    exempt: optional(
      array(exempt, { minItems: 1, maxItems: 32 }),
      'Requests that need no token and whose tokens are not looked at: health checks, a login page.',
    ),
  },
  (value, report) => {
    checkLocations(value.issuers ?? [], report);
    checkSections(value, report);
  },
);

/** Something is said, and to whom it can be said. */
function checkSections(
  {
    targetRefs: refs,
    mtls: secured,
    exposed: open,
    issuers,
    mode,
    exempt: exempted,
  }: {
    readonly targetRefs: readonly Pick<TargetRef, 'kind' | 'sectionName'>[];
    readonly mtls?: unknown;
    readonly exposed?: unknown;
    readonly issuers?: unknown;
    readonly mode?: unknown;
    readonly exempt?: unknown;
  },
  report: Report,
): void {
  if (issuers === undefined && secured === undefined && open === undefined)
    report(
      [],
      'missing-field',
      'says neither what tokens nor what mutual TLS, and exposes nothing',
      'add `issuers`, `mtls` or `exposed`',
    );
  if (issuers === undefined)
    for (const [field, said] of Object.entries({ mode, exempt: exempted }))
      if (said !== undefined)
        report([field], 'missing-field', 'is about tokens, and nobody makes any', 'add `issuers`, or remove it');
  if (open !== undefined) checkExposedTargets(refs, report);
  if (secured === undefined) return;
  for (const [index, { kind }] of refs.entries())
    if (kind === 'Mesh' || kind === 'Gateway')
      report(
        ['targetRefs', index, 'kind'],
        'exclusive-fields',
        NOT_SECURED_HERE[kind].message,
        NOT_SECURED_HERE[kind].remedy,
      );
}

/** What is opened is named: never every port of whatever a policy happens to reach. */
function checkExposedTargets(refs: readonly Pick<TargetRef, 'kind' | 'sectionName'>[], report: Report): void {
  for (const [index, { kind, sectionName }] of refs.entries())
    if (kind !== 'Service')
      report(
        ['targetRefs', index, 'kind'],
        'exclusive-fields',
        '`exposed` is about ports of Services',
        'name a Service and its port, or split the policy',
      );
    else if (sectionName === undefined)
      report(
        ['targetRefs', index, 'sectionName'],
        'missing-field',
        '`exposed` opens one port, and none is named',
        'add the name of the Service’s port',
      );
}

const NOT_SECURED_HERE = {
  Mesh: {
    message: '`mtls` is about Services and the Namespace: for its mesh the Mesh speaks',
    remedy: 'write `spec.mtls.mode` of the Mesh, or split the policy',
  },
  Gateway: {
    message: '`mtls` is about workloads, and no part of the mesh calls a Gateway',
    remedy: 'ask for certificates by `spec.tls.frontend` of the Gateway, or split the policy',
  },
};

/** The same claim header by two issuers is one header; a payload header that is a claim header is two things. */
function checkLocations(issuers: readonly Complete<typeof issuer>[], report: Report): void {
  for (const [index, { payloadHeader, claimHeaders }] of issuers.entries())
    if (claimHeaders?.some(({ header }) => header.toLowerCase() === payloadHeader?.toLowerCase()) === true)
      report(
        ['issuers', index, 'payloadHeader'],
        'duplicate-entry',
        'is one of `claimHeaders` too',
        'name another header',
      );
}

export type AuthenticationSpec = Complete<typeof spec>;
export type TokenIssuer = NonNullable<AuthenticationSpec['issuers']>[number];
export type Authentication = StoredObject<AuthenticationSpec, ConditionsStatus>;

export const AUTHENTICATION = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'Authentication',
  plural: 'authentications',
  singular: 'authentication',
  shortNames: ['authn'],
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'What proves who calls: mutual TLS, by namespace, service and port where that differs from what the Mesh says, and which paths need no proof; and JSON web tokens (RFC 7519) beside the identity of the calling workload. The claims of a valid token are what AccessPolicy’s `claims` ask about.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRefs: [{ kind: 'Service', name: 'web' }],
    issuers: [
      {
        issuer: 'https://accounts.example',
        audiences: ['shop'],
        keys: { url: 'https://accounts.example/.well-known/jwks.json' },
        claimHeaders: [{ claim: 'sub', header: 'x-user' }],
      },
    ],
    exempt: [{ paths: ['/healthz', '/assets/*'] }],
  },
  status: 'conditions',
  check({ namespace, spec: value }, report) {
    checkTargetNamespaces(value.targetRefs, namespace, report);
  },
  columns: [
    targetsColumn('Whose requests are authenticated.'),
    {
      name: 'Issuers',
      type: 'string',
      doc: 'Who makes tokens.',
      priority: 0,
      value: ({ spec: { issuers } }) => (issuers ?? []).map(({ issuer: name }) => name).join(','),
    },
    {
      name: 'Mode',
      type: 'string',
      doc: 'spec.mode, of tokens.',
      priority: 0,
      value: ({ spec: { issuers, mode } }) => (issuers === undefined ? '' : (mode ?? 'Required')),
    },
    {
      name: 'mTLS',
      type: 'string',
      doc: 'spec.mtls.mode',
      priority: 0,
      value: ({ spec: value }) => value.mtls?.mode ?? '',
    },
    {
      name: 'Exposed',
      type: 'string',
      doc: 'Paths that need no authentication.',
      priority: 1,
      value: ({ spec: value }) => (value.exposed?.paths ?? []).join(','),
    },
  ],
});
