/** What was counted and not yet taken by the control plane, by edge. Bounded: beyond that, edges are counted in `other`. */
import { LIMITS } from '@weft/core/agent-api';
import {
  addCounts,
  type Edge,
  type EdgeAmounts,
  edgeKey,
  GatheredCounts,
  NO_COUNTS,
  otherEdge,
  type TrafficCounts,
} from '@weft/core/traffic';

const MAX_EDGES = 2000;
/** Characters of JSON, generously: an edge beside its texts, an answer, a bucket. */
const EDGE_JSON = 500;
const ANSWER_JSON = 80;
const BUCKET_JSON = 30;

export class PendingCounts {
  readonly #edges = new Map<string, { readonly edge: Edge; readonly gathered: GatheredCounts }>();

  get size(): number {
    return this.#edges.size;
  }

  add(amounts: readonly EdgeAmounts[]): void {
    for (const { edge, counts } of amounts) this.#place(edge).add(counts);
  }

  /** Takes out the oldest: at most `most`, and about `text` characters of JSON, but at least one. */
  take(most: number, text: number): EdgeAmounts[] {
    const taken: EdgeAmounts[] = [];
    let left = text;
    for (const [key, { edge, gathered }] of this.#edges) {
      const counts = withFewAnswers(gathered.counts());
      left -=
        EDGE_JSON + key.length + ANSWER_JSON * counts.responses.length + BUCKET_JSON * counts.durations.buckets.length;
      if (taken.length >= most || (left < 0 && taken.length > 0)) break;
      taken.push({ edge, counts });
      this.#edges.delete(key);
    }
    return taken;
  }

  #place(edge: Edge): GatheredCounts {
    const key = edgeKey(edge);
    const known = this.#edges.get(key);
    if (known !== undefined) return known.gathered;
    const kept = this.#edges.size < MAX_EDGES ? edge : otherEdge(edge);
    const keptKey = kept === edge ? key : edgeKey(kept);
    const place = this.#edges.get(keptKey) ?? { edge: kept, gathered: new GatheredCounts() };
    this.#edges.set(keptKey, place);
    return place.gathered;
  }
}

/** More different answers than a message may have are told by their class. */
function withFewAnswers(counts: TrafficCounts): TrafficCounts {
  if (counts.responses.length <= LIMITS.responses) return counts;
  const classes = counts.responses.map(({ code, grpc, count }) => ({
    code: code - (code % 100),
    grpc,
    flags: '',
    count,
  }));
  return {
    ...counts,
    responses: classes.reduce((sum, each) => addCounts(sum, { ...NO_COUNTS, responses: [each] }), NO_COUNTS).responses,
  };
}
