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
  /** Buckets that hold something, by rising index, and what they hold: small numbers side by side, since there are many gatherers. */
  readonly #at: number[] = [];
  readonly #held: number[] = [];

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
    for (const [index, held] of buckets) this.#bucket(index, held);
  }

  /** As `add`, of what another one gathered. */
  merge(other: GatheredCounts): void {
    this.#requests += other.#requests;
    this.#retries += other.#retries;
    this.#requestBytes += other.#requestBytes;
    this.#responseBytes += other.#responseBytes;
    this.#opened += other.#opened;
    this.#closed += other.#closed;
    this.#durationSum += other.#durationSum;
    this.#durationCount += other.#durationCount;
    for (const response of other.#responses) this.#answer(response);
    for (const [place, index] of other.#at.entries()) this.#bucket(index, other.#held[place] ?? 0);
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
        buckets: this.#at.map((index, place) => [index, this.#held[place] ?? 0] as const),
      },
      opened: this.#opened,
      closed: this.#closed,
    };
  }

  #bucket(index: number, held: number): void {
    const at = this.#at;
    let low = 0;
    let high = at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((at[middle] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    if (at[low] === index) this.#held[low] = (this.#held[low] ?? 0) + held;
    else {
      at.splice(low, 0, index);
      this.#held.splice(low, 0, held);
    }
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
