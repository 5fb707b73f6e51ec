/** Each call once: the caller's proxy and the called one's both report it, and only the caller's knows the route, retries and what never arrived. Pure. */
import type { Edge } from '@weft/core/traffic';
import type { EdgeTraffic } from './source.ts';

export function callsOnce(rows: readonly EdgeTraffic[]): readonly EdgeTraffic[] {
  const told = new Set<string>();
  for (const { edge } of rows) if (edge.reporter === 'source') told.add(pairOf(edge));
  return rows.filter(({ edge }) => edge.reporter === 'source' || !told.has(pairOf(edge)));
}

/** By identity, which both sides know; a caller without one is known by nobody's report but the called side's. */
const pairOf = ({ source, destination }: Edge): string =>
  [source.identity, destination.namespace, destination.workload].join('\u0000');
