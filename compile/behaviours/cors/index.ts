/** HTTPRouteFilter CORS (GEP-1767), HTTPRouteFilter `cors`: what browsers are told about requests of other origins (Envoy: filter cors, CorsPolicy). */
import type { HttpFilterRow } from '@weft/core/mesh-view';
import type { CorsPolicy, Route, StringMatcher } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { CORS_FILTER } from '../../names.ts';
import type { Behaviour, RouteInput } from '../behaviour.ts';
import { escaped } from '../rewrite/path.ts';

type CorsRow = Extract<HttpFilterRow, { kind: 'cors' }>;

const ALWAYS = { numerator: 100, denominator: 100 } as const;
const NEVER = { numerator: 0, denominator: 100 } as const;

export const corsOf = (rule: RouteInput['rule']): CorsRow | undefined =>
  rule?.filters.find((filter) => filter.kind === 'cors');

export const cors: Behaviour = {
  name: 'cors',

  route(route: Route, { rule, engine }: RouteInput): Route {
    const row = corsOf(rule);
    if (row === undefined || engine === 'grpc') return route;
    const override = { filter: CORS_FILTER, disabled: false, config: policy(row, furtherOrigins(rule)) };
    return { ...route, filterOverrides: [...route.filterOverrides, override] };
  },

  unsupported({ engine, rule }: RouteInput) {
    const row = corsOf(rule);
    return engine !== 'grpc' || row === undefined
      ? []
      : [unsupportedByEngine('grpc', row.source, 'answer browsers', 'remove the filter')];
  },
};

const furtherOrigins = (rule: RouteInput['rule']): StringMatcher[] =>
  (rule?.filters ?? [])
    .flatMap((filter) => (filter.kind === 'cors-origins' ? filter.regexes : []))
    .map((regex) => ({ kind: 'regex', regex }));

const policy = (row: CorsRow, further: readonly StringMatcher[]): CorsPolicy => ({
  kind: 'cors',
  allowOrigins: row.origins.length + further.length === 0 ? [NOBODY] : [...row.origins.map(origin), ...further],
  allowMethods: row.methods.join(', '),
  allowHeaders: row.headers.join(', '),
  exposeHeaders: row.exposed.join(', '),
  maxAge: String(row.maxAge),
  allowCredentials: row.credentials,
  allowPrivateNetworkAccess: false,
  // An origin that may not is told nothing; the application is not asked.
  forwardNotMatchingPreflights: false,
  enabled: ALWAYS,
  shadow: NEVER,
});

/** No origin is empty. */
const NOBODY: StringMatcher = { kind: 'exact', value: '-', ignoreCase: false };

/** `*` in a host stands for one or more labels, alone for every origin (HTTPCORSFilter.allowOrigins). An origin without port has its scheme's own. */
function origin(text: string): StringMatcher {
  if (text === '*' || !text.includes('*')) return { kind: 'exact', value: text, ignoreCase: text !== '*' };
  const [before = '', after = ''] = text.split('*', 2);
  return { kind: 'regex', regex: `(?i)${escaped(before)}[a-z0-9.-]+${escaped(after)}` };
}
