/** One GRPCRoute, resolved: calls are POST requests whose path is `/SERVICE/METHOD` (gRPC over HTTP/2), so its rules become those of HTTP. */
import { objectName, type GRPCRoute, type GRPCRouteMatch, type GRPCRouteRule } from '../../resources/index.ts';
import { targetKey } from '../keys.ts';
import type { HttpMatchRow } from '../rows.ts';
import type { Grants } from './grants.ts';
import { filterRow } from './http-filter.ts';
import { backendRow, headerMatches, type ResolvedRoute, sessionOf } from './http-route.ts';
import { keyOf } from './objects.ts';
import { attach, type Parents } from './parents.ts';
import type { RankedMatch } from './precedence.ts';
import { checkCompatible } from './route-filters.ts';
import { conditionsOf, underConditions, withCase, withoutCallers } from './rule-conditions.ts';
import type { Fault } from './status.ts';

export function resolveGrpcRoute(route: GRPCRoute, parents: Parents, grants: Grants): ResolvedRoute {
  const { namespace, name, creationTimestamp } = route.metadata;
  const source = objectName('GRPCRoute', namespace, name);
  const rejections: Fault[] = [];
  const brokenRefs: Fault[] = [];
  const from = { kind: 'GRPCRoute', namespace, services: parents.services, grants };
  const asked = route.spec.rules.map((rule, index) => {
    const path = `spec.rules[${index}]`;
    const said = conditionsOf(rule, path, { namespace, routeFilters: parents.routeFilters, rejections });
    return withCase(said, rejections);
  });
  const rules = route.spec.rules.map((rule, index) => {
    const path = `spec.rules[${index}]`;
    const { extensions, routeFilters } = parents;
    const context = { from, extensions, routeFilters, source, path, rejections, brokenRefs };
    const filters = (rule.filters ?? []).flatMap((filter, at) => filterRow(filter, `${path}.filters[${at}]`, context));
    checkCompatible(filters, rule.backendRefs ?? [], context);
    return {
      rule: {
        filters,
        backends: (rule.backendRefs ?? []).map((ref, at) => backendRow(ref, `${path}.backendRefs[${at}]`, context)),
        timeouts: { request: undefined, backendRequest: undefined },
        retry: undefined,
        session: sessionOf(rule, context),
        targets: rule.name === undefined ? [source] : [targetKey.rule(source, rule.name), source],
        source: `${source}#${path}`,
      },
      matches: underConditions(matchesOf(rule, source, path), asked[index]),
    };
  });
  const attachments = (route.spec.parentRefs ?? []).map((parentRef, index) =>
    attach(
      parentRef,
      index,
      { kind: 'GRPCRoute', namespace, hostnames: route.spec.hostnames ?? [] },
      parents,
      (protocol) => protocol === 'grpc' || protocol === 'http2',
    ),
  );
  return {
    kind: 'GRPCRoute',
    key: keyOf(route),
    created: creationTimestamp,
    rules,
    attachments: withoutCallers(attachments, asked),
    rejections,
    brokenRefs,
  };
}

function matchesOf(rule: GRPCRouteRule, source: string, path: string): RankedMatch[] {
  const list: readonly GRPCRouteMatch[] = rule.matches.length === 0 ? [{}] : rule.matches;
  return list.map((match, index) => {
    const at = list.length === 1 ? path : `${path}.matches[${index}]`;
    return { match: matchRow(match), source: `${source}#${at}`, path: at, weights: weightsOf(match) };
  });
}

const matchRow = ({ method, headers }: GRPCRouteMatch): HttpMatchRow => ({
  path: pathOf(method),
  method: '',
  headers: headerMatches(headers ?? []),
  queryParameters: [],
});

function pathOf(match: GRPCRouteMatch['method']): HttpMatchRow['path'] {
  if (match === undefined) return { kind: 'prefix', value: '/' };
  const { type, service, method } = match;
  if (type === 'RegularExpression')
    return { kind: 'regex', regex: `/(?:${service ?? '[^/]+'})/(?:${method ?? '[^/]+'})` };
  if (service === undefined) return { kind: 'regex', regex: `/[^/]+/${method ?? ''}` };
  return method === undefined
    ? { kind: 'prefix', value: `/${service}` }
    : { kind: 'exact', value: `/${service}/${method}` };
}

/** Gateway API, GRPCRouteRule.matches: characters of the service, of the method, then headers. Exact names go before expressions. */
const weightsOf = ({ method, headers = [] }: GRPCRouteMatch): number[] => [
  method?.type === 'RegularExpression' ? 0 : 1,
  method?.service?.length ?? 0,
  method?.method?.length ?? 0,
  headers.length,
];
