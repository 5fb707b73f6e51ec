/**
 * Which of several matches decides (Gateway API, HTTPRouteRule.matches): exact path, then the longest prefix, then a method, then the most
 * headers, then the most query parameters; among equals the oldest route, then by namespace and name, then the order in the route.
 * Gateway API leaves regular expressions to the implementation: they come after exact paths and before prefixes, the longest expression
 * first, since a prefix `/` would otherwise leave them nothing. Of equal paths the one that minds case goes first, and of matches that Gateway
 * API takes as equal the one with more conditions, before age.
 */
import { conditionCount } from '../conditions.ts';
import { byName } from '../keys.ts';
import type { DelegateRef } from './delegation.ts';
import type { HttpEntryRow, HttpMatchRow, HttpRuleRow } from '../rows.ts';

/** A route as it takes part in the order. */
export interface RankedRoute {
  readonly key: string;
  /** RFC 3339 */
  readonly created: string;
  readonly rules: readonly {
    readonly rule: HttpRuleRow;
    readonly matches: readonly RankedMatch[];
    /** Other HTTPRoutes whose rules stand in its place (delegation.ts). Absent: none. */
    readonly to?: readonly DelegateRef[];
  }[];
}

export interface RankedMatch {
  readonly match: HttpMatchRow;
  readonly source: string;
  /** Field path of the match in its route. */
  readonly path: string;
  /** GRPCRoute's own order: how much it says of service, method and headers; the larger goes first. Absent: HTTPRoute's. */
  readonly weights?: readonly number[] | undefined;
}

/** A match that never decides, since an older (or earlier) equal one does. */
export interface Shadowed {
  readonly route: string;
  readonly path: string;
  /** Source of the match that decides. */
  readonly by: string;
  readonly byRoute: string;
}

export interface Ranking {
  readonly entries: readonly HttpEntryRow[];
  readonly shadowed: readonly Shadowed[];
}

interface Candidate extends RankedMatch {
  readonly route: RankedRoute;
  readonly rule: HttpRuleRow;
}

export function rank(routes: readonly RankedRoute[]): Ranking {
  const candidates: Candidate[] = [...routes]
    .sort((a, b) => byName(a.created, b.created) || byName(a.key, b.key))
    .flatMap((route) => route.rules.flatMap(({ rule, matches }) => matches.map((match) => ({ ...match, route, rule }))))
    .map((candidate, index) => ({ candidate, index }))
    .sort((a, b) => byCandidate(a.candidate, b.candidate) || a.index - b.index)
    .map(({ candidate }) => candidate);
  const entries: Candidate[] = [];
  const winners = new Map<string, Candidate>();
  const shadowed: Shadowed[] = [];
  for (const candidate of candidates) {
    const text = JSON.stringify(candidate.match);
    const winner = winners.get(text);
    if (winner === undefined) {
      winners.set(text, candidate);
      entries.push(candidate);
    } else {
      const { key } = candidate.route;
      shadowed.push({ route: key, path: candidate.path, by: winner.source, byRoute: winner.route.key });
    }
  }
  return { entries: entries.map(({ match, rule, source }) => ({ match, rule, source })), shadowed };
}

/** Routes of the two kinds never meet at one place (http-routes.ts). */
function byCandidate(a: RankedMatch, b: RankedMatch): number {
  if (a.weights === undefined || b.weights === undefined) return bySpecificity(a.match, b.match);
  for (const [index, weight] of a.weights.entries()) {
    const other = b.weights[index] ?? 0;
    if (weight !== other) return other - weight;
  }
  return conditionCount(b.match.conditions) - conditionCount(a.match.conditions);
}

const PATH_RANK = { exact: 0, regex: 1, prefix: 2 } as const;

/** Negative when `a` is the more specific. */
export function bySpecificity(a: HttpMatchRow, b: HttpMatchRow): number {
  return (
    PATH_RANK[a.path.kind] - PATH_RANK[b.path.kind] ||
    pathLength(b) - pathLength(a) ||
    Number(ignoresCase(a)) - Number(ignoresCase(b)) ||
    Number(b.method !== '') - Number(a.method !== '') ||
    b.headers.length - a.headers.length ||
    b.queryParameters.length - a.queryParameters.length ||
    conditionCount(b.conditions) - conditionCount(a.conditions)
  );
}

const ignoresCase = ({ path }: HttpMatchRow): boolean => path.ignoreCase === true;

/** Of exact paths only one can match, so their length says nothing. */
function pathLength({ path }: HttpMatchRow): number {
  switch (path.kind) {
    case 'exact':
      return 0;
    case 'regex':
      return path.regex.length;
    case 'prefix':
      return path.value.length;
  }
}
