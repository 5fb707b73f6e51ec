/** weft.dev HTTPRouteFilters: what they make of the rules that name them, and which filters cannot stand together. */
import { type HTTPRouteFilter, type RouteFilter, WEFT_GROUP } from '../../resources/index.ts';
import { objectKey } from '../keys.ts';
import type { HttpFilterRow } from '../rows.ts';
import type { FilterContext } from './http-filter.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';
import { condition, statusOf, type ObjectStatus } from './status.ts';

export interface RouteFilters {
  readonly byKey: ReadonlyMap<string, RouteFilter>;
  readonly statuses: readonly ObjectStatus[];
}

/** Whatever the schema took is accepted; whether it fits a rule is said of the route. */
export const assembleRouteFilters = (memory: Memory, objects: readonly RouteFilter[]): RouteFilters => ({
  byKey: new Map(objects.map((object) => [keyOf(object), object])),
  statuses: objects.map((object) =>
    memory.remember(`route-filter-status ${keyOf(object)}`, [object], () =>
      statusOf(object, [condition('Accepted', object.metadata.generation, [])], [], []),
    ),
  ),
});

type ExtensionRef = NonNullable<HTTPRouteFilter['extensionRef']>;

export const isRouteFilter = (ref: ExtensionRef | undefined): ref is ExtensionRef =>
  ref?.group === WEFT_GROUP && ref.kind === 'HTTPRouteFilter';

export function routeFilterRows({ name }: ExtensionRef, path: string, context: FilterContext): HttpFilterRow[] {
  const { from, routeFilters, brokenRefs, rejections } = context;
  const source = `${context.source}#${path}`;
  const filter = routeFilters.get(objectKey(from.namespace, name));
  if (filter === undefined) {
    brokenRefs.push({
      reason: 'BackendNotFound',
      path: `${path}.extensionRef.name`,
      message: `there is no HTTPRouteFilter ${name} in namespace ${from.namespace}: its requests are answered with 500`,
      remedy: 'create it, or correct the name',
    });
    return [{ kind: 'missing', source }];
  }
  const { urlRewrite, directResponse, conditions, cors } = filter.spec;
  if ((directResponse ?? conditions) !== undefined && path.includes('.backendRefs[')) {
    rejections.push({
      reason: 'UnsupportedValue',
      path: `${path}.extensionRef`,
      message: `HTTPRouteFilter ${name} ${directResponse === undefined ? 'has conditions' : 'answers itself'}: it is a filter of rules, not of a backend`,
      remedy: 'move it to a rule',
    });
    return [];
  }
  const rows: HttpFilterRow[] = [];
  if (urlRewrite?.path !== undefined) {
    const { pattern, substitution } = urlRewrite.path.replaceRegexMatch;
    rows.push({ kind: 'rewrite', hostname: undefined, path: { kind: 'regex', regex: pattern, substitution }, source });
  }
  if (cors !== undefined) rows.push({ kind: 'cors-origins', regexes: cors.allowOriginRegexes, source });
  if (directResponse !== undefined) {
    const { statusCode, contentType, body } = directResponse;
    rows.push({ kind: 'answer', status: statusCode, body: body?.inline ?? '', source });
    if (contentType !== undefined) {
      const set = [{ name: 'content-type', value: contentType }];
      rows.push({ kind: 'response-headers', change: { set, add: [], remove: [] }, source });
    }
  }
  return rows;
}

const WORDS = { redirect: 'redirects', rewrite: 'rewrites', answer: 'answers itself' } as const;

const isEnding = (row: HttpFilterRow): row is Extract<HttpFilterRow, { kind: keyof typeof WORDS }> => row.kind in WORDS;

/** What is answered here goes nowhere, and a request is rewritten once: Gateway API's rule for its own filters, across objects. */
export function checkCompatible(
  rows: readonly HttpFilterRow[],
  backendRefs: readonly unknown[],
  { rejections }: Pick<FilterContext, 'rejections'>,
): void {
  const at = (source: string): string => source.slice(source.indexOf('#') + 1);
  const origins = rows.find(({ kind }) => kind === 'cors-origins');
  if (origins !== undefined && !rows.some(({ kind }) => kind === 'cors'))
    rejections.push({
      reason: 'IncompatibleFilters',
      path: at(origins.source),
      message: 'it adds origins to a filter CORS, and none stands beside it',
      remedy: 'add `type: CORS`',
    });
  const [first, ...others] = rows.filter(isEnding);
  if (first === undefined) return;
  for (const other of others)
    rejections.push({
      reason: 'IncompatibleFilters',
      path: at(other.source),
      message: `it ${WORDS[other.kind]}, and ${at(first.source)} ${WORDS[first.kind]}`,
      remedy: 'remove one of the two filters',
    });
  const answer = [first, ...others].find(({ kind }) => kind === 'answer');
  if (answer !== undefined && backendRefs.length > 0)
    rejections.push({
      reason: 'IncompatibleFilters',
      path: at(answer.source),
      message: 'it answers itself, and the rule has `backendRefs`',
      remedy: 'remove the filter or the backends',
    });
}
