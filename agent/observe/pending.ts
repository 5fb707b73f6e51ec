/** What was counted and not yet taken by the control plane, by edge. Bounded: beyond that, edges are counted in `other`. */
import { LIMITS } from '@weft/core/agent-api';
import type { Exemplar } from '@weft/core/metrics';
import {
  addCounts,
  type Edge,
  type EdgeAmounts,
  edgeKey,
  fewExemplars,
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
const EXEMPLAR_JSON = 100;

interface Pending {
  readonly edge: Edge;
  readonly gathered: GatheredCounts;
  exemplars: readonly Exemplar[];
}

export class PendingCounts {
  readonly #edges = new Map<string, Pending>();

  get size(): number {
    return this.#edges.size;
  }

  add(amounts: readonly EdgeAmounts[]): void {
    for (const { edge, counts, exemplars } of amounts) {
      const place = this.#place(edge);
      place.gathered.add(counts);
      if (exemplars !== undefined) place.exemplars = fewExemplars([...place.exemplars, ...exemplars]);
    }
  }

  /** Takes out the oldest: at most `most`, and about `text` characters of JSON, but at least one. */
  take(most: number, text: number): EdgeAmounts[] {
    const taken: EdgeAmounts[] = [];
    let left = text;
    for (const [key, { edge, gathered, exemplars }] of this.#edges) {
      const counts = withFewAnswers(gathered.counts());
      left -=
        EDGE_JSON +
        key.length +
        ANSWER_JSON * counts.responses.length +
        BUCKET_JSON * counts.durations.buckets.length +
        EXEMPLAR_JSON * exemplars.length;
      if (taken.length >= most || (left < 0 && taken.length > 0)) break;
      taken.push({ edge, counts, ...(exemplars.length === 0 ? {} : { exemplars }) });
      this.#edges.delete(key);
    }
    return taken;
  }

  #place(edge: Edge): Pending {
    const key = edgeKey(edge);
    const known = this.#edges.get(key);
    if (known !== undefined) return known;
    const kept = this.#edges.size < MAX_EDGES ? edge : otherEdge(edge);
    const keptKey = kept === edge ? key : edgeKey(kept);
    const place = this.#edges.get(keptKey) ?? { edge: kept, gathered: new GatheredCounts(), exemplars: [] };
    this.#edges.set(keptKey, place);
    return place;
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
