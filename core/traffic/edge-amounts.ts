/** From rows by answer to amounts of edges: what travels to the control plane. */
import type { Exemplar } from '../metrics/index.ts';
import type { TrafficCounts } from './counts.ts';
import { FIRST_BUCKET, LAST_BUCKET } from './durations.ts';
import type { Edge } from './edge.ts';
import { edgeKey } from './edge.ts';
import { fewExemplars } from './exemplars.ts';
import { GatheredCounts } from './gather.ts';
import { HTTP_CELLS, TCP_CELLS } from './series.ts';
import type { SeriesAmounts } from './table.ts';

export interface EdgeAmounts {
  readonly edge: Edge;
  readonly counts: TrafficCounts;
  /** Of its durations, FEW_EXEMPLARS at most; absent: none. */
  readonly exemplars?: readonly Exemplar[];
}

export function edgeAmounts(amounts: readonly SeriesAmounts[]): EdgeAmounts[] {
  const edges = new Map<string, { readonly edge: Edge; readonly gathered: GatheredCounts; exemplars: Exemplar[] }>();
  for (const each of amounts) {
    const key = edgeKey(each.edge);
    let known = edges.get(key);
    if (known === undefined) {
      known = { edge: each.edge, gathered: new GatheredCounts(), exemplars: [] };
      edges.set(key, known);
    }
    known.gathered.add(countsOf(each));
    if (each.exemplars !== undefined) known.exemplars.push(...each.exemplars);
  }
  return [...edges.values()].map(({ edge, gathered, exemplars }) => ({
    edge,
    counts: gathered.counts(),
    ...(exemplars.length === 0 ? {} : { exemplars: fewExemplars(exemplars) }),
  }));
}

const DURATIONS_END = HTTP_CELLS.durations + LAST_BUCKET - FIRST_BUCKET;

function countsOf({ edge, code, grpc, flags, cells }: SeriesAmounts): TrafficCounts {
  const amounts = new Map(cells);
  const of = (index: number): number => amounts.get(index) ?? 0;
  if (edge.protocol === 'tcp') {
    return {
      requests: 0,
      responses: [],
      retries: 0,
      requestBytes: of(TCP_CELLS.received),
      responseBytes: of(TCP_CELLS.sent),
      durations: { count: 0, sum: 0, buckets: [] },
      opened: of(TCP_CELLS.opened),
      closed: of(TCP_CELLS.closed),
      openTime: of(TCP_CELLS.openTime),
    };
  }
  const requests = of(HTTP_CELLS.requests);
  return {
    requests,
    responses: requests === 0 ? [] : [{ code, grpc, flags, count: requests }],
    retries: of(HTTP_CELLS.retries),
    requestBytes: of(HTTP_CELLS.requestBytes),
    responseBytes: of(HTTP_CELLS.responseBytes),
    durations: {
      count: requests,
      sum: of(HTTP_CELLS.durationSum),
      buckets: cells
        .filter(([index]) => index >= HTTP_CELLS.durations && index <= DURATIONS_END)
        .map(([index, count]) => [index - HTTP_CELLS.durations + FIRST_BUCKET, count] as const),
    },
    opened: 0,
    closed: 0,
    openTime: 0,
  };
}
