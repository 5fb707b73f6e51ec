/** One HTTPRoute, resolved: its rules as rows, what it is attached to, what is wrong with it. */
import { parseDuration } from '../../kernel/index.ts';
import {
  isHttpRouteRef,
  objectName,
  type HTTPBackendRef,
  type HTTPRoute,
  type HTTPRouteMatch,
  type HTTPRouteRule,
} from '../../resources/index.ts';
import { byName, targetKey } from '../keys.ts';
import type { DelegateRef } from './delegation.ts';
import type { BackendRow, HttpMatchRow, HttpRuleRow, NamedMatch, Protocol, RouteRetry, SessionRow } from '../rows.ts';
import { onlyParent, resolveBackend } from './backends.ts';
import { type FilterContext, filterRow } from './http-filter.ts';
import { keyOf } from './objects.ts';
import type { Grants } from './grants.ts';
import { attach, type Attachment, type Parents } from './parents.ts';
import type { RankedMatch, RankedRoute } from './precedence.ts';
import { conditionsOf, underConditions, withoutCallers } from './rule-conditions.ts';
import { checkCompatible } from './route-filters.ts';
import type { Fault } from './status.ts';
import { sessionRow } from './traffic-policies.ts';

export interface ResolvedRoute extends RankedRoute {
  readonly kind: 'HTTPRoute' | 'GRPCRoute';
  readonly attachments: readonly Attachment[];
  /** Against Accepted: the route has no effect. */
  readonly rejections: readonly Fault[];
  /** Against ResolvedRefs: the route counts, its broken shares answer 500. */
  readonly brokenRefs: readonly Fault[];
}

export function resolveHttpRoute(route: HTTPRoute, parents: Parents, grants: Grants): ResolvedRoute {
  const { namespace, name, creationTimestamp } = route.metadata;
  const source = objectName('HTTPRoute', namespace, name);
  const rejections: Fault[] = [];
  const brokenRefs: Fault[] = [];
  const asked = route.spec.rules.map((rule, index) =>
    conditionsOf(rule, `spec.rules[${index}]`, { namespace, routeFilters: parents.routeFilters, rejections }),
  );
  const rules = route.spec.rules.map((rule, index) => {
    const path = `spec.rules[${index}]`;
    const to = delegates(rule, path, namespace);
    return {
      ...(to.length === 0 ? {} : { to }),
      rule: ruleRow(rule, {
        from: {
          kind: 'HTTPRoute',
          namespace,
          services: parents.services,
          grants,
          parent: onlyParent(route.spec.parentRefs, namespace),
        },
        extensions: parents.extensions,
        routeFilters: parents.routeFilters,
        source,
        path,
        rejections,
        brokenRefs,
      }),
      matches: underConditions(matchesOf(rule, source, path), asked[index]),
    };
  });
  const attachments = (route.spec.parentRefs ?? []).map((parentRef, index) =>
    attach(
      parentRef,
      index,
      { kind: 'HTTPRoute', namespace, hostnames: route.spec.hostnames ?? [] },
      parents,
      carriesRequests,
    ),
  );
  return {
    kind: 'HTTPRoute',
    key: keyOf(route),
    created: creationTimestamp,
    rules,
    attachments: withoutCallers(attachments, asked),
    rejections,
    brokenRefs,
  };
}

const delegates = ({ backendRefs = [] }: HTTPRouteRule, path: string, own: string): DelegateRef[] =>
  backendRefs.flatMap((ref, index) =>
    isHttpRouteRef(ref)
      ? [{ namespace: ref.namespace ?? own, name: ref.name, path: `${path}.backendRefs[${index}]` }]
      : [],
  );

export const carriesRequests = (protocol: Protocol): boolean => protocol !== 'tcp' && protocol !== 'udp';

/** Of a rule of either kind. A session is an endpoint: where chance chooses among backends it would be lost with each other choice. */
export function sessionOf(
  { sessionPersistence: wanted, backendRefs = [] }: Pick<HTTPRouteRule, 'sessionPersistence' | 'backendRefs'>,
  { source, path, rejections }: RuleContext,
): SessionRow | undefined {
  if (wanted === undefined) return undefined;
  if (backendRefs.filter(({ weight }) => weight > 0).length > 1) {
    rejections.push({
      reason: 'UnsupportedValue',
      path: `${path}.sessionPersistence`,
      message: 'sessions are kept in rules with one backend only',
      remedy: 'split the rule, or use a TrafficPolicy with `balancing.hashOn`',
    });
    return undefined;
  }
  const prefix = source.startsWith('GRPCRoute/') ? 'weft-grpc-session' : 'weft-session';
  const own = [prefix, ...source.split('/').slice(1), ...(path.match(/\d+/g) ?? [])].join('-');
  return sessionRow(wanted, own, `${source}#${path}.sessionPersistence`);
}

export interface RuleContext extends FilterContext {
  readonly path: string;
}

function ruleRow(rule: HTTPRouteRule, context: RuleContext): HttpRuleRow {
  const { source, path } = context;
  const filters = (rule.filters ?? []).flatMap((filter, index) =>
    filterRow(filter, `${path}.filters[${index}]`, context),
  );
  checkCompatible(filters, rule.backendRefs ?? [], context);
  return {
    filters,
    backends: (rule.backendRefs ?? []).flatMap((ref, index) =>
      isHttpRouteRef(ref) ? [] : backendRow(ref, `${path}.backendRefs[${index}]`, context),
    ),
    timeouts: { request: duration(rule.timeouts?.request), backendRequest: duration(rule.timeouts?.backendRequest) },
    retry: rule.retry === undefined ? undefined : retryOf(rule.retry),
    session: sessionOf(rule, context),
    targets: rule.name === undefined ? [source] : [targetKey.rule(source, rule.name), source],
    source: `${source}#${path}`,
  };
}

export function backendRow(ref: HTTPBackendRef, path: string, context: RuleContext): BackendRow {
  const resolved = resolveBackend(ref, path, context.from);
  const source = `${context.source}#${path}`;
  const filters = (ref.filters ?? []).flatMap((filter, index) =>
    filterRow(filter, `${path}.filters[${index}]`, context),
  );
  checkCompatible(filters, [], context);
  if (resolved.ok) {
    return { kind: 'service', service: resolved.service, port: resolved.port, weight: ref.weight, filters, source };
  }
  context.brokenRefs.push(resolved.fault);
  return { kind: 'broken', weight: ref.weight, source };
}

const duration = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);

const retryOf = (retry: NonNullable<HTTPRouteRule['retry']>): RouteRetry => ({
  codes: retry.codes ?? [],
  attempts: retry.attempts,
  backoff: duration(retry.backoff),
});

/** No match at all is one match of everything; the source of an only match is the rule itself. */
function matchesOf(rule: HTTPRouteRule, source: string, path: string): RankedMatch[] {
  if (rule.matches.length === 0) return [{ match: ANY, source: `${source}#${path}`, path }];
  return rule.matches.map((match, index) => {
    const at = rule.matches.length === 1 ? path : `${path}.matches[${index}]`;
    return { match: matchRow(match), source: `${source}#${at}`, path: at };
  });
}

export const ANY: HttpMatchRow = { path: { kind: 'prefix', value: '/' }, method: '', headers: [], queryParameters: [] };

export function matchRow(match: HTTPRouteMatch): HttpMatchRow {
  return {
    path: pathOf(match.path),
    method: match.method ?? '',
    headers: headerMatches(match.headers ?? []),
    queryParameters: named(match.queryParams ?? []),
  };
}

export const headerMatches = (headers: NonNullable<HTTPRouteMatch['headers']>): readonly NamedMatch[] =>
  named(headers.map((header) => ({ ...header, name: header.name.toLowerCase() })));

function pathOf({ type, value }: HTTPRouteMatch['path']): HttpMatchRow['path'] {
  switch (type) {
    case 'Exact':
      return { kind: 'exact', value };
    case 'RegularExpression':
      return { kind: 'regex', regex: value };
    case 'PathPrefix':
      return { kind: 'prefix', value: value.length > 1 && value.endsWith('/') ? value.slice(0, -1) : value };
  }
}

/** Of equivalent names the first entry counts (Gateway API, HTTPHeaderMatch.name). */
export function named(list: NonNullable<HTTPRouteMatch['queryParams']>): NamedMatch[] {
  const byKey = new Map<string, NamedMatch>();
  for (const { name, type, value } of list) {
    if (byKey.has(name)) continue;
    byKey.set(name, { name, value: type === 'Exact' ? { kind: 'exact', value } : { kind: 'regex', regex: value } });
  }
  return [...byKey.values()].sort((a, b) => byName(a.name, b.name));
}
