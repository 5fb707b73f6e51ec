/**
 * The HTTP filters of a connection manager: those that its routes say something about, in one order. A filter that no route speaks of is
 * not there and costs nothing.
 */
import type { HttpFilter, Route } from '@weft/core/proxy-config';
import { CORS_FILTER } from '../names.ts';

/** In the order in which a request meets them. */
const CHAIN: readonly HttpFilter[] = [
  // Preflights are answered before anything counts or delays them.
  { kind: 'cors', name: CORS_FILTER, disabled: false },
];

export function filtersFor(routes: readonly Route[]): readonly HttpFilter[] {
  const named = new Set(routes.flatMap(({ filterOverrides }) => filterOverrides.map(({ filter }) => filter)));
  return named.size === 0 ? NONE : CHAIN.filter(({ name }) => named.has(name));
}

const NONE: readonly HttpFilter[] = [];
