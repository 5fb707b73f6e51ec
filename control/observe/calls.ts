/** Each call once: the caller's proxy and the called one's both report it, and only the caller's knows the route, retries and what never arrived. Pure. */
import type { Edge } from '@weft/core/traffic';

/** The edges that stand for their calls. */
export function callsOnce(edges: Iterable<Edge>): ReadonlySet<Edge> {
  const all = [...edges];
  const told = new Set<string>();
  for (const edge of all) if (edge.reporter === 'source') told.add(pairOf(edge));
  return new Set(all.filter((edge) => edge.reporter === 'source' || !told.has(pairOf(edge))));
}

/** By identity, which both sides know; a caller without one is known by nobody's report but the called side's. */
const pairOf = ({ source, destination }: Edge): string =>
  [source.identity, destination.namespace, destination.workload].join('\u0000');
