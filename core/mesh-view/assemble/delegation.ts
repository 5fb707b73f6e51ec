/**
 * Rules that hand their requests to other HTTPRoutes (`backendRefs` of the kind HTTPRoute, as kgateway and Istio's `delegate`): the rules of
 * those routes stand in their place, for what both match. What a rule of the other route says goes before what this one says.
 */
import { GATEWAY_GROUP } from '../../resources/index.ts';
import { byName } from '../keys.ts';
import type { ConditionsRow } from '../conditions.ts';
import type { HttpFilterRow, HttpMatchRow, HttpRuleRow, NamedMatch } from '../rows.ts';
import { type Grants, permits } from './grants.ts';
import type { ResolvedRoute } from './http-route.ts';
import type { Memory } from './memory.ts';
import type { RankedMatch, RankedRoute } from './precedence.ts';
import type { Fault } from './status.ts';

/** A reference to another HTTPRoute. */
export interface DelegateRef {
  readonly namespace: string;
  readonly name: string;
  /** Field path of the reference in its route. */
  readonly path: string;
}

type Rule = RankedRoute['rules'][number];

/** Routes below one another; more is nobody's intention. */
const MOST_LEVELS = 8;
/** Matches that one route may come to. */
const MOST_MATCHES = 1024;

/** Each HTTPRoute with the rules of those that it delegates to, and what is wrong with them. */
export function delegated(memory: Memory, routes: readonly ResolvedRoute[], grants: Grants): readonly ResolvedRoute[] {
  if (!routes.some(({ rules }) => rules.some(({ to }) => to !== undefined))) return routes;
  const byKey = new Map(routes.flatMap((route) => (route.kind === 'HTTPRoute' ? [[route.key, route]] : [])));
  return routes.map((route) => {
    if (!route.rules.some(({ to }) => to !== undefined)) return route;
    const below = new Set<ResolvedRoute>();
    reach(route, byKey, below);
    return memory.remember(`delegated ${route.key}`, [route, grants, ...below], () => whole(route, byKey, grants));
  });
}

const keyOf = ({ namespace, name }: DelegateRef): string => `${namespace}/${name}`;

function reach(route: ResolvedRoute, byKey: ReadonlyMap<string, ResolvedRoute>, found: Set<ResolvedRoute>): void {
  for (const ref of route.rules.flatMap(({ to = [] }) => to)) {
    const child = byKey.get(keyOf(ref));
    if (child === undefined || found.has(child)) continue;
    found.add(child);
    reach(child, byKey, found);
  }
}

function whole(route: ResolvedRoute, byKey: ReadonlyMap<string, ResolvedRoute>, grants: Grants): ResolvedRoute {
  const faults: Fault[] = [];
  const fault = (path: string, reason: string, message: string, remedy: string): void =>
    void faults.push({ reason, path, message, remedy });
  /** `at`: the reference of `route` that all of it comes from; undefined: none yet. */
  const rulesOf = (own: ResolvedRoute, above: readonly string[], at: string | undefined): Rule[] =>
    own.rules.flatMap((rule): Rule[] => {
      if (rule.to === undefined) return [rule];
      const found = rule.to.map((ref): readonly Rule[] | undefined => {
        const path = at ?? `${ref.path}.name`;
        const child = byKey.get(keyOf(ref));
        const from = { group: GATEWAY_GROUP, kind: 'HTTPRoute', namespace: own.key.slice(0, own.key.indexOf('/')) };
        if (!permits(grants, from, { ...from, namespace: ref.namespace, name: ref.name })) {
          fault(
            path,
            'RefNotPermitted',
            `no ReferenceGrant in namespace ${ref.namespace} permits an HTTPRoute of ${from.namespace} to refer to HTTPRoute ${ref.name}`,
            `make one there, or put the route into namespace ${ref.namespace}`,
          );
          return undefined;
        }
        if (child === undefined || child.rejections.length > 0) {
          fault(
            path,
            'BackendNotFound',
            child === undefined
              ? `there is no HTTPRoute ${ref.name} in namespace ${ref.namespace}`
              : `HTTPRoute ${child.key} has no effect: ${child.rejections[0]?.message ?? ''}`,
            'create it, or correct it',
          );
          return undefined;
        }
        if (above.includes(child.key) || above.length >= MOST_LEVELS) {
          fault(
            path,
            'DelegationCycle',
            above.includes(child.key)
              ? `HTTPRoutes lead to one another in a circle: ${[...above, child.key].join(', ')}`
              : `more than ${MOST_LEVELS} HTTPRoutes below one another: ${[...above, child.key].join(', ')}`,
            'let one of them refer to a Service',
          );
          return undefined;
        }
        const merged = rulesOf(child, [...above, child.key], path).flatMap((below) => both(rule, below));
        if (merged.length > 0) return merged;
        fault(
          path,
          'NothingDelegated',
          `no rule of HTTPRoute ${child.key} takes anything of what this rule takes`,
          'write its paths below that of this rule, or without any',
        );
        return [];
      });
      const rules = found.flatMap((list) => list ?? []);
      // What nobody is found for is answered 500, as by any backend that is not there.
      if (found.includes(undefined)) rules.push({ rule: broken(rule.rule), matches: rule.matches });
      return rules;
    });
  const rules = rulesOf(route, [route.key], undefined);
  const matches = rules.reduce((sum, { matches: list }) => sum + list.length, 0);
  if (matches > MOST_MATCHES) {
    const path = route.rules.flatMap(({ to = [] }) => to)[0]?.path ?? 'spec.rules';
    fault(path, 'UnsupportedValue', `comes to ${matches} matches, ${MOST_MATCHES} at most`, 'split the route');
    return {
      ...route,
      rules: route.rules.map((rule) =>
        rule.to === undefined ? rule : { rule: broken(rule.rule), matches: rule.matches },
      ),
      brokenRefs: [...route.brokenRefs, ...faults],
    };
  }
  return { ...route, rules, brokenRefs: [...route.brokenRefs, ...faults] };
}

const broken = (rule: HttpRuleRow): HttpRuleRow => ({
  ...rule,
  backends: [{ kind: 'broken', weight: 1, source: rule.source }],
});

/** A rule for what both take; faults are told at the one above. */
function both({ rule: above, matches: outer }: Rule, { rule: below, matches: inner }: Rule): Rule[] {
  const matches = outer.flatMap(({ match: a, path }) =>
    inner.flatMap(({ match: b, source }): RankedMatch[] => {
      const match = meet(a, b);
      return match === undefined ? [] : [{ match, source, path }];
    }),
  );
  return matches.length === 0 ? [] : [{ rule: merged(above, below), matches }];
}

const merged = (above: HttpRuleRow, below: HttpRuleRow): HttpRuleRow => ({
  ...below,
  filters: filtersOf(above.filters, below.filters),
  timeouts: {
    request: below.timeouts.request ?? above.timeouts.request,
    backendRequest: below.timeouts.backendRequest ?? above.timeouts.backendRequest,
  },
  retry: below.retry ?? above.retry,
  session: below.session ?? above.session,
  targets: [...below.targets, ...above.targets.filter((target) => !below.targets.includes(target))],
});

const ENDS: ReadonlySet<HttpFilterRow['kind']> = new Set(['redirect', 'answer']);

/** Of one kind those of the route below count; what answers itself is not rewritten. */
function filtersOf(above: readonly HttpFilterRow[], below: readonly HttpFilterRow[]): readonly HttpFilterRow[] {
  const kinds = new Set(below.map(({ kind }) => kind));
  const ends = below.some(({ kind }) => ENDS.has(kind));
  return [...above.filter(({ kind }) => !kinds.has(kind) && !(ends && kind === 'rewrite')), ...below];
}

/** undefined: no request meets both, or it cannot be known whether one does. */
function meet(a: HttpMatchRow, b: HttpMatchRow): HttpMatchRow | undefined {
  const path = pathOf(a.path, b.path);
  const headers = namedOf(a.headers, b.headers);
  const queryParameters = namedOf(a.queryParameters, b.queryParameters);
  const scheme = a.conditions?.scheme ?? b.conditions?.scheme;
  if (path === undefined || headers === undefined || queryParameters === undefined) return undefined;
  if (a.method !== '' && b.method !== '' && a.method !== b.method) return undefined;
  if (scheme !== (b.conditions?.scheme ?? scheme)) return undefined;
  const conditions = conditionsOf(a.conditions, b.conditions);
  return {
    path,
    method: a.method === '' ? b.method : a.method,
    headers,
    queryParameters,
    ...(conditions === undefined ? {} : { conditions }),
  };
}

/** The narrower one, where it lies within the other. */
function pathOf(a: HttpMatchRow['path'], b: HttpMatchRow['path']): HttpMatchRow['path'] | undefined {
  if (b.kind === 'prefix' && b.value === '/') return a;
  if (a.kind === 'prefix' && a.value === '/') return b;
  if (JSON.stringify(a) === JSON.stringify(b)) return a;
  if (a.kind !== 'prefix' || b.kind === 'regex' || a.ignoreCase !== b.ignoreCase) return undefined;
  const fold = (text: string): string => (a.ignoreCase === true ? text.toLowerCase() : text);
  return fold(b.value) === fold(a.value) || fold(b.value).startsWith(`${fold(a.value)}/`) ? b : undefined;
}

/** One name is asked one thing. */
function namedOf(a: readonly NamedMatch[], b: readonly NamedMatch[]): readonly NamedMatch[] | undefined {
  const all = new Map(a.map((one) => [one.name, one]));
  for (const one of b) {
    const other = all.get(one.name);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(one)) return undefined;
    all.set(one.name, one);
  }
  return [...all.values()].sort((x, y) => byName(x.name, y.name));
}

function conditionsOf(a: ConditionsRow | undefined, b: ConditionsRow | undefined): ConditionsRow | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const headers = new Map([...a.headers, ...b.headers].map((one) => [JSON.stringify(one), one]));
  return {
    scheme: a.scheme ?? b.scheme,
    headers: [...headers].sort(([x], [y]) => byName(x, y)).map(([, one]) => one),
    from: [...new Set([...a.from, ...b.from])].sort(byName),
  };
}
