/** What the control plane saw lately, as requests to ask about, each call once. */
import type { Seen } from '@weft/compile/answers';
import type { SeenDocument, SeenShape } from '@weft/core/documents';

/** A call that both sides told is the caller's to tell. */
export function callsOf(shapes: readonly SeenShape[]): SeenShape[] {
  const callers = new Set(shapes.flatMap(({ direction, identity }) => (direction === 'outbound' ? [identity] : [])));
  return shapes.filter(({ direction, peerIdentity }) => direction === 'outbound' || !callers.has(peerIdentity));
}

/** `rest`: requests of which nothing but their number is known, since an edge had too many different ones. */
export function seenOf({ shapes }: SeenDocument): { readonly seen: Seen[]; readonly rest: number } {
  const seen: Seen[] = [];
  let rest = 0;
  for (const shape of callsOf(shapes)) {
    const { pathClass, example, count, addressed } = shape;
    if (pathClass === '…') {
      rest += count;
      continue;
    }
    const { workload, identity, direction, peer, peerIdentity, kind, method, authority } = shape;
    seen.push({
      happened: {
        workload,
        identity,
        direction,
        peer,
        peerIdentity,
        kind,
        addressed: addressed ?? undefined,
        method,
        path: example.path,
        authority,
        headers: [],
        entered: example.entered,
      },
      count,
      example: example.requestId === '' ? example.path : `weft why ${example.requestId}`,
    });
  }
  return { seen, rest };
}
