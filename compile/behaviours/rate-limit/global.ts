/**
 * Limits that a limiter counts for all proxies (Envoy: ratelimit). A descriptor a limit: its entries say the limit itself, the policy that it
 * is of, and what tells requests apart. What no action of Envoy's can say of a request is written into headers of ours before, and taken
 * away again behind.
 */
import { NO_MESSAGE_MUTATIONS } from '@weft/core/proxy-config';
import type { GlobalLimitsRow, LimitedByRow, RateLimitRow } from '@weft/core/mesh-view';
import { nameOf, namespaceOf, parsePortKey } from '@weft/core/mesh-view';
import type {
  FilterOverride,
  HeaderMatcher,
  HeaderMutationStep,
  HttpFilter,
  MessageMutations,
  RateLimit,
  RateLimitAction,
  RateLimitFilter,
  RouteAction,
} from '@weft/core/proxy-config';
import { callRetries } from '../../defaults.ts';
import { formatLimit, LIMIT_ENTRY } from '@weft/core/services';
import {
  FACTS_FILTER,
  FORGET_FILTER,
  globalLimitFilter,
  IDENTITY_FILTER,
  JWT_METADATA,
  JWT_PAYLOAD,
  outboundName,
} from '../../names.ts';
import { ALWAYS, addedHeaders } from './answer.ts';

const IDENTITY_HEADER = 'x-weft-limit-identity';
const IDENTITY = '%DOWNSTREAM_PEER_URI_SAN%';
const PATH_HEADER = 'x-weft-limit-path';

/** Filters of a chain of its own, where what is counted is always the same. `limiter`: port key. */
export const ownFilters = (row: RateLimitRow, shared: GlobalLimitsRow, limiter: string): readonly HttpFilter[] => {
  const facts = factsOf(shared);
  return [
    ...(facts === undefined ? [] : [headers(FACTS_FILTER, facts, false)]),
    { ...filterOf(row, shared, limiter), name: globalLimitFilter(row.key), disabled: false },
    ...(facts === undefined ? [] : [headers(FORGET_FILTER, FORGOTTEN, false)]),
  ];
};

/** Around a filter that tells callers apart by their identities, whatever they sent under that name. */
export const knowing = (filter: HttpFilter): readonly HttpFilter[] => [
  headers(IDENTITY_FILTER, { ...NO_MESSAGE_MUTATIONS, request: said(IDENTITY_HEADER, IDENTITY) }, false),
  filter,
  headers(
    `${IDENTITY_FILTER}/forget`,
    { ...NO_MESSAGE_MUTATIONS, request: [{ kind: 'remove', name: IDENTITY_HEADER }] },
    false,
  ),
];

/** Who asks, as an entry of a descriptor of that stage. */
export const identityLimit = (stage: number): RateLimit => ({ stage, actions: [actionOf({ kind: 'identity' })] });

/** As `identityLimit` says it. */
export const identityEntry = (identity: string): readonly [string, string] => ['header identity', identity];

/** Filters that are off unless a route switches them on. */
export const sharedFilter = (row: RateLimitRow, shared: GlobalLimitsRow, limiter: string): HttpFilter => ({
  ...filterOf(row, shared, limiter),
  name: globalLimitFilter(row.key),
  disabled: true,
});

export const FACTS: HttpFilter = {
  kind: 'header-mutation',
  name: FACTS_FILTER,
  disabled: true,
  mutations: NO_MESSAGE_MUTATIONS,
  mostSpecificWins: false,
};
export const FORGET: HttpFilter = { ...FACTS, name: FORGET_FILTER };

/** What a route says to have its requests counted. */
export function overridesOf(row: RateLimitRow, shared: GlobalLimitsRow): readonly FilterOverride[] {
  const facts = factsOf(shared);
  const on = (filter: string, mutations: MessageMutations): FilterOverride => ({
    filter,
    disabled: false,
    config: { kind: 'header-mutation', mutations },
  });
  return [
    ...(facts === undefined ? [] : [on(FACTS_FILTER, facts), on(FORGET_FILTER, FORGOTTEN)]),
    {
      filter: globalLimitFilter(row.key),
      disabled: false,
      config: { kind: 'rate-limit', hostLimits: 'override', domain: '' },
    },
  ];
}

/** An action with what its requests are counted by. Without a limiter requests pass, or all get 500: as the policy says. */
export function counted(
  action: RouteAction,
  row: RateLimitRow,
  shared: GlobalLimitsRow,
  limiter: string | undefined,
): RouteAction {
  if (limiter === undefined)
    return shared.denies && row.enforced
      ? {
          kind: 'direct-response',
          status: 500,
          body: { kind: 'inline', text: 'there is no limiter\n' },
          bodyFormat: undefined,
        }
      : action;
  return action.kind === 'forward' ? { ...action, rateLimits: descriptorsOf(row, shared) } : action;
}

/** Stages keep apart what is counted of a request where it enters and what by its route. */
export const EDGE_STAGE = 1;
const ROUTE_STAGE = 0;

export const descriptorsOf = (
  row: RateLimitRow,
  { limits }: GlobalLimitsRow,
  stage = ROUTE_STAGE,
): readonly RateLimit[] =>
  limits.map(({ limit, by }, index) => ({
    stage,
    actions: [
      { kind: 'generic-key', key: LIMIT_ENTRY, value: formatLimit(limit) },
      { kind: 'generic-key', key: 'policy', value: `${row.key}/${index}` },
      ...by.map(actionOf),
    ],
  }));

function actionOf(by: LimitedByRow): RateLimitAction {
  switch (by.kind) {
    case 'identity':
      return header('identity', IDENTITY_HEADER);
    case 'address':
      return { kind: 'remote-address' };
    case 'header':
      return by.value === undefined
        ? header(by.name, by.name)
        : matched(by.name, by.value, [{ kind: 'exact', value: by.value }]);
    case 'path':
      return by.value === undefined
        ? header('path', PATH_HEADER)
        : matched('path', `${by.value.value}${by.value.kind === 'prefix' ? '*' : ''}`, pathMatches(by.value));
    case 'query':
      return { kind: 'query-parameter', name: by.name, key: `query ${by.name}`, skipIfAbsent: true };
    case 'claim':
      return {
        kind: 'metadata',
        key: `claim ${by.path.join('.')}`,
        source: 'dynamic',
        namespace: JWT_METADATA,
        path: [JWT_PAYLOAD, ...by.path],
        fallback: '',
        skipIfAbsent: true,
      };
  }
}

const header = (key: string, name: string): RateLimitAction => ({
  kind: 'request-header',
  name,
  key: `header ${key}`,
  skipIfAbsent: true,
});

/** Another value has no descriptor: the limit is not about it. */
const matched = (name: string, value: string, [pattern]: readonly [Pattern]): RateLimitAction => ({
  kind: 'header-value-match',
  key: `header ${name}`,
  value,
  expectMatch: true,
  headers: [headerMatcher(name === 'path' ? PATH_HEADER : name, pattern)],
});

interface Pattern {
  readonly kind: 'exact' | 'prefix';
  readonly value: string;
}

const pathMatches = ({ kind, value }: { readonly kind: string; readonly value: string }): readonly [Pattern] => [
  { kind: kind === 'prefix' ? 'prefix' : 'exact', value },
];

const headerMatcher = (name: string, { kind, value }: Pattern): HeaderMatcher => ({
  name,
  match: { kind: 'string', matcher: { kind, value, ignoreCase: false } },
  invert: false,
  treatMissingAsEmpty: false,
});

/** Headers that say what actions cannot; undefined: none is needed. Whatever a caller sent under these names goes first. */
function factsOf({ limits }: GlobalLimitsRow): MessageMutations | undefined {
  const kinds = new Set(limits.flatMap(({ by }) => by.map(({ kind }) => kind)));
  const steps = [
    ...(kinds.has('identity') ? said(IDENTITY_HEADER, IDENTITY) : []),
    ...(kinds.has('path') ? said(PATH_HEADER, '%PATH(NQ:PATH)%') : []),
  ];
  return steps.length === 0 ? undefined : { ...NO_MESSAGE_MUTATIONS, request: steps };
}

const said = (name: string, value: string): HeaderMutationStep[] => [
  { kind: 'remove', name },
  { kind: 'append', option: { name, value, append: 'overwrite-if-exists-or-add', keepEmptyValue: false } },
];

const FORGOTTEN: MessageMutations = {
  ...NO_MESSAGE_MUTATIONS,
  request: [IDENTITY_HEADER, PATH_HEADER].map((name) => ({ kind: 'remove', name })),
};

const headers = (name: string, mutations: MessageMutations, disabled: boolean): HttpFilter => ({
  kind: 'header-mutation',
  name,
  disabled,
  mutations,
  mostSpecificWins: false,
});

function filterOf(row: RateLimitRow, { timeout, denies }: GlobalLimitsRow, limiter: string): RateLimitFilter {
  const { service, port } = parsePortKey(limiter);
  return {
    kind: 'rate-limit',
    domain: 'weft',
    stage: 0,
    requests: 'both',
    timeout,
    failureModeDeny: denies && row.enforced,
    statusOnError: 500,
    service: {
      cluster: outboundName(limiter),
      authority: `${nameOf(service)}.${namespaceOf(service)}:${port}`,
      timeout: undefined,
      initialMetadata: [],
      maxReceiveMessageLength: 0,
      retries: callRetries(timeout),
    },
    status: row.status,
    resourceExhausted: true,
    tellsLimits: row.tellsLimits,
    marksLimited: true,
    responseHeaders: addedHeaders(row),
    statPrefix: '',
    enabled: ALWAYS,
    enforced: ALWAYS,
  };
}
