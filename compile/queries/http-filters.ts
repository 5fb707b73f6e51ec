/**
 * The HTTP filters of a connection manager: those that its routes say something about, in one order. A filter that no route speaks of is
 * not there and costs nothing.
 */
import type { HttpFilter, Route } from '@weft/core/proxy-config';
import { NO_FAULT } from '../behaviours/fault/index.ts';
import { NO_LIMIT } from '../behaviours/rate-limit/index.ts';
import { NO_SESSION } from '../behaviours/session/index.ts';
import { CORS_FILTER, faultFilter, MOST_FAULTS, RATE_LIMIT_FILTER, SESSION_FILTER } from '../names.ts';

/** In the order in which a request meets them. */
const CHAIN: readonly HttpFilter[] = [
  // Preflights are answered before anything counts or delays them.
  { kind: 'cors', name: CORS_FILTER, disabled: false },
  // What is too much costs nothing further.
  { ...NO_LIMIT, name: RATE_LIMIT_FILTER, disabled: true },
  { ...NO_SESSION, name: SESSION_FILTER, disabled: true },
  // As near to the service as it gets: it is the service that seems to fail.
  ...Array.from({ length: MOST_FAULTS }, (_, index) => ({ ...NO_FAULT, name: faultFilter(index), disabled: true })),
];

/** `edge`: what is asked of everybody who enters, after preflights and before whatever routes ask for. */
export function filtersFor(routes: readonly Route[], edge: readonly HttpFilter[] = NONE): readonly HttpFilter[] {
  const named = new Set(routes.flatMap(({ filterOverrides }) => filterOverrides.map(({ filter }) => filter)));
  if (named.size === 0) return edge;
  const asked = CHAIN.filter(({ name }) => named.has(name));
  const first = asked.findIndex(({ kind }) => kind !== 'cors');
  const at = first < 0 ? asked.length : first;
  return [...asked.slice(0, at), ...edge, ...asked.slice(at)];
}

const NONE: readonly HttpFilter[] = [];
