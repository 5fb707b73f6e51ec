/**
 * What one entry of a port's route table becomes several routes for: backends whose filters change more than headers, and preflights of
 * rules that take another method than OPTIONS.
 */
import type { BackendRow, HttpEntryRow, HttpFilterRow, NamedMatch } from '@weft/core/mesh-view';
import type { Fraction } from '@weft/core/proxy-config';

export interface ExpandedEntry extends HttpEntryRow {
  readonly fraction: Fraction | undefined;
}

export const expanded = (entry: HttpEntryRow): readonly ExpandedEntry[] => [
  ...preflights(entry),
  ...byBackend({ ...entry, fraction: undefined }),
];

/**
 * Shares of a weighted cluster change headers only. A rule whose backends say more is as many routes as it has backends: the chance of a
 * request is drawn once, so that fractions that grow from route to route are the shares.
 */
function byBackend(entry: ExpandedEntry): readonly ExpandedEntry[] {
  const { rule } = entry;
  const live = rule.backends.filter(({ weight }) => weight > 0);
  if (!live.some((backend) => ofRoute(backend).length > 0)) return [entry];
  const whole = live.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  return live.map((backend, index) => {
    reached += backend.weight;
    const own = ofRoute(backend);
    const kinds = new Set(own.map(({ kind }) => kind));
    const rest = backend.kind === 'service' ? backend.filters.filter((filter) => !own.includes(filter)) : [];
    return {
      ...entry,
      rule: {
        ...rule,
        filters: [...rule.filters.filter(({ kind }) => kind === 'mirror' || !kinds.has(kind)), ...own],
        backends: [backend.kind === 'service' ? { ...backend, filters: rest } : backend],
      },
      fraction:
        index === live.length - 1
          ? undefined
          : { numerator: Math.round((reached / whole) * 1_000_000), denominator: 1_000_000 },
      source: backend.source,
    };
  });
}

/** Filters of a backend that a route must carry for it. */
const ofRoute = (backend: BackendRow): readonly HttpFilterRow[] =>
  backend.kind === 'service' ? backend.filters.filter(({ kind }) => !OF_SHARES.includes(kind)) : [];

const OF_SHARES: readonly HttpFilterRow['kind'][] = ['request-headers', 'response-headers'];

/** A browser asks by OPTIONS whether it may send what the rule is about (Fetch, CORS-preflight request). */
function preflights(entry: HttpEntryRow): readonly ExpandedEntry[] {
  const { match, rule } = entry;
  if (match.method === '' || match.method === 'OPTIONS' || !rule.filters.some(({ kind }) => kind === 'cors')) return [];
  const headers: NamedMatch[] = [
    ...match.headers,
    { name: 'origin', value: { kind: 'regex', regex: '.+' } },
    { name: 'access-control-request-method', value: { kind: 'exact', value: match.method } },
  ];
  return [{ ...entry, match: { ...match, method: 'OPTIONS', headers }, fraction: undefined }];
}
