/** `conditions` of the HTTPRouteFilters that a rule names, added up, and what they make of its matches and its route's parents. */
import type { HeaderMatcher } from '../../proxy-config/index.ts';
import type { HeaderCondition, HTTPRouteFilter, RouteFilter } from '../../resources/index.ts';
import { callersKey } from '../callers.ts';
import type { ConditionsRow } from '../conditions.ts';
import { byName, objectKey } from '../keys.ts';
import type { HttpMatchRow } from '../rows.ts';
import type { Attachment } from './parents.ts';
import type { RankedMatch } from './precedence.ts';
import { isRouteFilter } from './route-filters.ts';
import type { Fault } from './status.ts';

export interface RuleConditions {
  /** undefined: none but of the path's case. */
  readonly row: ConditionsRow | undefined;
  readonly ignorePathCase: boolean;
  /** Field path of the first filter that asks who calls; undefined: none does. */
  readonly fromAt: string | undefined;
  /** Of the first that ignores the case of paths. */
  readonly caseAt: string | undefined;
}

const NONE: RuleConditions = { row: undefined, ignorePathCase: false, fromAt: undefined, caseAt: undefined };

export function conditionsOf(
  rule: { readonly filters?: readonly HTTPRouteFilter[] | undefined },
  path: string,
  context: {
    readonly namespace: string;
    readonly routeFilters: ReadonlyMap<string, RouteFilter>;
    readonly rejections: Fault[];
  },
): RuleConditions {
  const { namespace, routeFilters, rejections } = context;
  const said = (rule.filters ?? []).flatMap(({ extensionRef }, index) => {
    if (!isRouteFilter(extensionRef)) return [];
    const conditions = routeFilters.get(objectKey(namespace, extensionRef.name))?.spec.conditions;
    return conditions === undefined ? [] : [{ ...conditions, at: `${path}.filters[${index}].extensionRef` }];
  });
  if (said.length === 0) return NONE;
  const [scheme, other] = new Set(said.flatMap((one) => one.scheme ?? []));
  if (other !== undefined)
    rejections.push({
      reason: 'IncompatibleFilters',
      path: said.findLast((one) => one.scheme === other)?.at ?? path,
      message: `no request has the schemes ${scheme} and ${other}`,
      remedy: 'remove one of the two filters',
    });
  const headers = new Map(
    said
      .flatMap((one) => one.headers ?? [])
      .map((header) => {
        const matcher = headerMatcher(header);
        return [JSON.stringify(matcher), matcher];
      }),
  );
  const from = new Set(said.flatMap((one) => (one.from === undefined ? [] : [callersKey(one.from, namespace)])));
  const row: ConditionsRow = {
    scheme,
    headers: [...headers].sort(([a], [b]) => byName(a, b)).map(([, matcher]) => matcher),
    from: [...from].sort(byName),
  };
  const asks = scheme !== undefined || headers.size > 0 || from.size > 0;
  const caseAt = said.find((one) => one.ignorePathCase)?.at;
  return {
    row: asks ? row : undefined,
    ignorePathCase: caseAt !== undefined,
    fromAt: said.find((one) => one.from !== undefined)?.at,
    caseAt,
  };
}

/** What is missing is empty where it is asked what a header is not: whoever does not send `x-tier` has no `x-tier: gold`. */
function headerMatcher({ name, type, value = '', range, ignoreCase, invert }: HeaderCondition): HeaderMatcher {
  const compared = (match: HeaderMatcher['match']): HeaderMatcher => ({
    name: name.toLowerCase(),
    match,
    invert,
    treatMissingAsEmpty: invert,
  });
  switch (type) {
    case 'Present':
    case 'Absent':
      return {
        name: name.toLowerCase(),
        match: { kind: 'present', present: type === 'Present' },
        invert: false,
        treatMissingAsEmpty: false,
      };
    case 'Range':
      return compared({
        kind: 'range',
        start: range?.start ?? Number.MIN_SAFE_INTEGER,
        end: range?.end ?? Number.MAX_SAFE_INTEGER,
      });
    case 'RegularExpression':
      return compared({ kind: 'string', matcher: { kind: 'regex', regex: value } });
    case 'Exact':
    case 'Prefix':
    case 'Suffix':
    case 'Contains': {
      const kind = ({ Exact: 'exact', Prefix: 'prefix', Suffix: 'suffix', Contains: 'contains' } as const)[type];
      return compared({ kind: 'string', matcher: { kind, value, ignoreCase } });
    }
  }
}

export const underConditions = (matches: readonly RankedMatch[], said: RuleConditions | undefined): RankedMatch[] =>
  matches.map((one) => ({ ...one, match: conditional(one.match, said ?? NONE) }));

function conditional(match: HttpMatchRow, { row, ignorePathCase }: RuleConditions): HttpMatchRow {
  const { path } = match;
  // Where no letter is asked for, case says nothing.
  const letters = path.kind === 'regex' || /[a-z]/i.test(path.value);
  const compared: HttpMatchRow = ignorePathCase && letters ? { ...match, path: { ...path, ignoreCase: true } } : match;
  return row === undefined ? compared : { ...compared, conditions: row };
}

/** gRPC's names mind case, and the order of GRPCRoute knows nothing else. */
export function withCase(said: RuleConditions, rejections: Fault[]): RuleConditions {
  if (said.caseAt === undefined) return said;
  rejections.push({
    reason: 'UnsupportedValue',
    path: said.caseAt,
    message: 'names of services and methods mind case: `ignorePathCase` is of no rule of a GRPCRoute',
    remedy: 'name a filter without it',
  });
  return { ...said, ignorePathCase: false };
}

/** At a Gateway nobody knows the caller's workload: such a route is not accepted there. */
export function withoutCallers(attachments: readonly Attachment[], rules: readonly RuleConditions[]): Attachment[] {
  const asking = rules.flatMap(({ fromAt }) => fromAt ?? []);
  return attachments.map((attachment) =>
    attachment.hosts.length === 0 || asking.length === 0
      ? attachment
      : {
          ...attachment,
          hosts: [],
          faults: [
            ...attachment.faults,
            ...asking.map((path) => ({
              reason: 'UnsupportedValue',
              path,
              message: `who calls a Gateway is no workload of the mesh: \`conditions.from\` cannot hold at ${attachment.path}`,
              remedy: 'attach a route of its own to the Gateway, without the filter',
            })),
          ],
        },
  );
}
