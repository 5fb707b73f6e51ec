/** Amounts of one edge while they are added up. */
import type { ResponseCount, TrafficCounts } from './counts.ts';

export class GatheredCounts {
  #requests = 0;
  #retries = 0;
  #requestBytes = 0;
  #responseBytes = 0;
  #opened = 0;
  #closed = 0;
  #durationSum = 0;
  #durationCount = 0;
  readonly #responses: { code: number; grpc: number; flags: string; count: number }[] = [];
  readonly #buckets = new Map<number, number>();

  add(counts: TrafficCounts): void {
    this.#requests += counts.requests;
    this.#retries += counts.retries;
    this.#requestBytes += counts.requestBytes;
    this.#responseBytes += counts.responseBytes;
    this.#opened += counts.opened;
    this.#closed += counts.closed;
    for (const response of counts.responses) this.#answer(response);
    const { sum, count, buckets } = counts.durations;
    this.#durationSum += sum;
    this.#durationCount += count;
    for (const [index, held] of buckets) this.#buckets.set(index, (this.#buckets.get(index) ?? 0) + held);
  }

  counts(): TrafficCounts {
    return {
      requests: this.#requests,
      responses: this.#responses.map((each) => ({ ...each })),
      retries: this.#retries,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      durations: {
        count: this.#durationCount,
        sum: this.#durationSum,
        buckets: [...this.#buckets].sort(([a], [b]) => a - b),
      },
      opened: this.#opened,
      closed: this.#closed,
    };
  }

  /** An edge has few different answers: looking through them beats a map of texts. */
  #answer({ code, grpc, flags, count }: ResponseCount): void {
    for (const known of this.#responses) {
      if (known.code !== code || known.grpc !== grpc || known.flags !== flags) continue;
      known.count += count;
      return;
    }
    this.#responses.push({ code, grpc, flags, count });
  }
}
