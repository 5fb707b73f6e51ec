/**
 * The HTTP filters of a connection manager: those that its routes say something about, in one order. A filter that no route speaks of is
 * not there and costs nothing.
 */
import { askedPort, byName, limiterOf, type ViewReader } from '@weft/core/mesh-view';
import type { FilterOverride, HttpFilter, Route } from '@weft/core/proxy-config';
import { askingFilter } from '../behaviours/ask/index.ts';
import { NO_FAULT } from '../behaviours/fault/index.ts';
import { FACTS, FORGET, sharedFilter } from '../behaviours/rate-limit/global.ts';
import { NO_LIMIT } from '../behaviours/rate-limit/index.ts';
import { NO_SESSION } from '../behaviours/session/index.ts';
import {
  askedOfFilter,
  CORS_FILTER,
  faultFilter,
  MOST_FAULTS,
  policyOfFilter,
  RATE_LIMIT_FILTER,
  SESSION_FILTER,
} from '../names.ts';

/** In the order in which a request meets them. */
const FIRST: readonly HttpFilter[] = [
  // Preflights are answered before anything counts or delays them.
  { kind: 'cors', name: CORS_FILTER, disabled: false },
];

const BEFORE: readonly HttpFilter[] = [
  // What is too much costs nothing further.
  { ...NO_LIMIT, name: RATE_LIMIT_FILTER, disabled: true },
  // What the limiter is told of a request.
  FACTS,
];

const BEHIND: readonly HttpFilter[] = [
  FORGET,
  { ...NO_SESSION, name: SESSION_FILTER, disabled: true },
  // As near to the service as it gets: it is the service that seems to fail.
  ...Array.from({ length: MOST_FAULTS }, (_, index) => ({ ...NO_FAULT, name: faultFilter(index), disabled: true })),
];

/** `edge`: what is asked of everybody who enters, after preflights and before whatever routes ask for. */
export function filtersFor(
  reader: ViewReader,
  routes: readonly Route[],
  edge: readonly HttpFilter[] = NONE,
): readonly HttpFilter[] {
  const named = new Set(routes.flatMap((route) => overridesOf(route).map(({ filter }) => filter)));
  if (named.size === 0) return edge;
  const isNamed = ({ name }: HttpFilter): boolean => named.has(name);
  return [
    ...FIRST.filter(isNamed),
    ...edge,
    ...asking(reader, named, 'authorization'),
    ...BEFORE.filter(isNamed),
    ...globalLimits(reader, named),
    // What is let in, and not too much, is processed.
    ...asking(reader, named, 'processing'),
    ...BEHIND.filter(isNamed),
  ];
}

const NONE: readonly HttpFilter[] = [];

/** Of the route, and of one of its backends. */
const overridesOf = ({ filterOverrides, action }: Route): readonly FilterOverride[] =>
  action.kind === 'forward' && action.target.kind === 'weighted'
    ? [...filterOverrides, ...action.target.clusters.flatMap((cluster) => cluster.filterOverrides)]
    : filterOverrides;

/** One for each Extension and each filter ExternalAuth, as most of what they say stands in the filter. */
const asking = (reader: ViewReader, named: ReadonlySet<string>, kind: 'authorization' | 'processing'): HttpFilter[] =>
  [...named].sort(byName).flatMap((name) => {
    const filter = askedOfFilter(name);
    if (filter === undefined) return [];
    const row = reader.read('externalAuth', filter) ?? reader.read('extension', filter);
    const port = row?.kind === kind ? askedPort(reader, row) : undefined;
    return row === undefined || port === undefined ? [] : [askingFilter(filter, row, port)];
  });

/** One for each policy, since most of what it says stands in the filter and not with the route. */
const globalLimits = (reader: ViewReader, named: ReadonlySet<string>): HttpFilter[] =>
  [...named].sort(byName).flatMap((name) => {
    const policy = policyOfFilter(name);
    const row = policy === undefined ? undefined : reader.read('rateLimit', policy);
    const limiter = row === undefined ? undefined : limiterOf(reader, row);
    return row?.global === undefined || limiter === undefined ? [] : [sharedFilter(row, row.global, limiter)];
  });
