/** Gateway API HTTPRouteRule. */
import { parseDuration } from '../../kernel/index.ts';
import { backendObject, checkBackendObject, weight } from '../gateway/backend-ref.ts';
import { ruleName } from '../gateway/rule-name.ts';
import { GATEWAY_GROUP } from '../kind.ts';
import { duration } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, defaulted, integer, object, optional, string } from '../schema/schema.ts';
import { checkFilters, filters, type HTTPRouteFilter } from './filter.ts';
import { type HTTPRouteMatch, match } from './match.ts';
import { sessionPersistence } from './session-persistence.ts';

const backendRef = object(
  {
    ...backendObject,
    weight,
    filters: optional(filters, 'Filters for the requests that go to this backend, after those of the rule.'),
  },
  (value, report) => {
    checkBackendObject(value, report);
    checkFilters(value.filters ?? [], report);
  },
);

export type HTTPBackendRef = Complete<typeof backendRef>;

/** Another HTTPRoute, whose rules stand in the place of this one. */
export const isHttpRouteRef = ({ group, kind }: { readonly group: string; readonly kind: string }): boolean =>
  group === GATEWAY_GROUP && kind === 'HTTPRoute';

const timeouts = object(
  {
    request: optional(
      string({ format: duration }),
      'From the end of the request to the end of the response, retries included; then 504. `0s`: none. Absent: TrafficPolicy `timeouts.request`.',
    ),
    backendRequest: optional(
      string({ format: duration }),
      'The same for each try. `0s`: none. At most `request`. Absent: TrafficPolicy `timeouts.backendRequest`.',
    ),
  },
  ({ request, backendRequest }, report) => {
    const whole = parseDuration(request ?? '0s') ?? 0;
    if (whole !== 0 && (parseDuration(backendRequest ?? '0s') ?? 0) > whole) {
      report(['backendRequest'], 'out-of-range', 'is longer than `request`', 'make it at most as long');
    }
  },
);

const retry = object({
  codes: optional(
    array(integer(400, 599), { maxItems: 64, uniqueBy: 'item' }),
    'Statuses after which a request is tried again, beside a failed connection and a reset before the response. Absent: none.',
  ),
  attempts: defaulted(integer(0, 100), 1, 'Tries after the first. 0: none.'),
  backoff: optional(
    string({ format: duration }),
    'The least wait before a try; grows with each and is randomised. Absent: TrafficPolicy `retries.backoff.base`.',
  ),
});

const ANY_PATH = { path: { type: 'PathPrefix', value: '/' } } as const;

export const rule = object(
  {
    name: ruleName,
    matches: defaulted(
      array(match, { maxItems: 64 }),
      [ANY_PATH],
      'The rule serves a request when any of these matches. Between rules Gateway API’s precedence decides: exact path, longest prefix, method, most headers, most query parameters, then the oldest route, then the order.',
    ),
    filters: optional(filters, 'What happens to every request of the rule, in order.'),
    backendRefs: optional(
      array(backendRef, { maxItems: 16 }),
      'Where requests go, by weight. Or other HTTPRoutes, of the group `gateway.networking.k8s.io` and the kind `HTTPRoute`, and nothing else beside them: their rules stand in the place of this one, for requests that both match; what they say goes before what is said here. Another namespace’s needs a ReferenceGrant there. A backend that does not exist answers 500 for its share. Absent, and no redirect: 500 for all.',
    ),
    timeouts: optional(timeouts, 'Time limits; they go before those of a TrafficPolicy.'),
    retry: optional(retry, 'Further tries; goes before that of a TrafficPolicy.'),
    sessionPersistence: optional(
      sessionPersistence,
      'Requests of one session go to one endpoint, as long as it is there; then to another, which the session stays at. Needs a rule with one backend.',
    ),
  },
  (value, report) => {
    checkFilters(value.filters ?? [], report);
    const redirect = value.filters?.findIndex(({ type }) => type === 'RequestRedirect') ?? -1;
    if (redirect >= 0 && (value.backendRefs ?? []).length > 0) {
      report(['backendRefs'], 'exclusive-fields', 'is not allowed beside a `RequestRedirect` filter', 'remove one');
    }
    checkDelegation(value, report);
    checkPrefixReplacement(value.matches, value.filters ?? [], [], report);
    for (const [index, backend] of (value.backendRefs ?? []).entries()) {
      checkPrefixReplacement(value.matches, backend.filters ?? [], ['backendRefs', index], report);
    }
  },
);

export type HTTPRouteRule = Complete<typeof rule>;

interface Delegating {
  readonly filters?: readonly HTTPRouteFilter[] | undefined;
  readonly backendRefs?: readonly HTTPBackendRef[] | undefined;
  readonly sessionPersistence?: unknown;
}

/** Where other routes decide, nothing is said about one backend. */
function checkDelegation(
  { filters: list = [], backendRefs = [], sessionPersistence: session }: Delegating,
  report: Report,
): void {
  if (!backendRefs.some(isHttpRouteRef)) return;
  for (const [index, ref] of backendRefs.entries()) {
    const at = ['backendRefs', index] as const;
    if (!isHttpRouteRef(ref))
      report([...at, 'kind'], 'exclusive-fields', `a ${ref.kind} is not allowed beside an HTTPRoute`, 'make two rules');
    else if (ref.port !== undefined)
      report([...at, 'port'], 'exclusive-fields', 'an HTTPRoute has no port', 'remove it');
    else if (ref.filters !== undefined)
      report(
        [...at, 'filters'],
        'exclusive-fields',
        'are not allowed here',
        'write them in the rule, or in the HTTPRoute',
      );
  }
  if (session !== undefined)
    report(
      ['sessionPersistence'],
      'exclusive-fields',
      'is about one backend',
      'write it in the HTTPRoute that has the backend',
    );
  for (const [index, { urlRewrite }] of list.entries())
    if (urlRewrite?.path?.type === 'ReplacePrefixMatch')
      report(
        ['filters', index, 'urlRewrite', 'path'],
        'exclusive-fields',
        'what is matched is the matter of the HTTPRoutes below',
        'rewrite there',
      );
}

/** `ReplacePrefixMatch` needs to know which prefix: exactly one match, of type PathPrefix. */
function checkPrefixReplacement(
  matches: readonly HTTPRouteMatch[],
  list: readonly HTTPRouteFilter[],
  at: readonly (string | number)[],
  report: Report,
): void {
  if (matches.length === 1 && matches[0]?.path.type === 'PathPrefix') return;
  for (const [index, { requestRedirect, urlRewrite }] of list.entries()) {
    const name = requestRedirect === undefined ? 'urlRewrite' : 'requestRedirect';
    const path = (requestRedirect ?? urlRewrite)?.path;
    if (path?.type !== 'ReplacePrefixMatch') continue;
    report(
      [...at, 'filters', index, name, 'path', 'replacePrefixMatch'],
      'ambiguous-prefix',
      'needs a rule with exactly one match, of type `PathPrefix`',
      'split the rule, one for each prefix',
    );
  }
}
