/** Amounts of one edge while they are added up. It can be used again after `clear`, and then takes no new memory. */
import { textOctets } from '../kernel/index.ts';
import type { ResponseCount, TrafficCounts } from './counts.ts';
import { FIRST_BUCKET } from './durations.ts';
import type { PackedCounts } from './packed-counts.ts';

/** Different answers that are told apart; what comes beyond is told by its class and gRPC status. */
export const MOST_ANSWERS = 256;
/** Octets without answers and buckets, of an answer without its flags, and of a bucket. */
const EMPTY_OCTETS = 768;
const ANSWER_OCTETS = 112;
const BUCKET_OCTETS = 48;

const NO_RESPONSE: ResponseCount = { code: 0, grpc: -1, flags: '', count: 0 };

export class GatheredCounts {
  #requests = 0;
  #retries = 0;
  #requestBytes = 0;
  #responseBytes = 0;
  #opened = 0;
  #closed = 0;
  #openTime = 0;
  #durationSum = 0;
  #durationCount = 0;
  /** The first `#answers` of them count. */
  readonly #responses: { code: number; grpc: number; flags: string; count: number }[] = [];
  #answers = 0;
  /** Buckets that hold something, by rising index, and what they hold; the first `#buckets` of them count. */
  readonly #at: number[] = [];
  readonly #held: number[] = [];
  #buckets = 0;
  #octets = EMPTY_OCTETS;

  /** What it takes in memory, room that it has not used again after `clear` included. */
  get octets(): number {
    return this.#octets;
  }

  add(counts: TrafficCounts): void {
    this.#requests += counts.requests;
    this.#retries += counts.retries;
    this.#requestBytes += counts.requestBytes;
    this.#responseBytes += counts.responseBytes;
    this.#opened += counts.opened;
    this.#closed += counts.closed;
    this.#openTime += counts.openTime;
    for (const { code, grpc, flags, count } of counts.responses) this.#answer(code, grpc, flags, count);
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
    this.#openTime += other.#openTime;
    this.#durationSum += other.#durationSum;
    this.#durationCount += other.#durationCount;
    for (let each = 0; each < other.#answers; each += 1) {
      const response = other.#responses[each];
      if (response !== undefined) this.#answer(response.code, response.grpc, response.flags, response.count);
    }
    for (let place = 0; place < other.#buckets; place += 1)
      this.#bucket(other.#at[place] ?? 0, other.#held[place] ?? 0);
  }

  /** As the newest row of `packed`. */
  pack(packed: PackedCounts): void {
    packed.begin();
    packed.natural(this.#requests);
    packed.natural(this.#retries);
    packed.natural(this.#requestBytes);
    packed.natural(this.#responseBytes);
    packed.natural(this.#opened);
    packed.natural(this.#closed);
    packed.natural(this.#openTime);
    packed.double(this.#durationSum);
    packed.natural(this.#durationCount);
    packed.natural(this.#answers);
    for (let each = 0; each < this.#answers; each += 1) {
      const response = this.#responses[each] ?? NO_RESPONSE;
      packed.natural(response.code);
      packed.natural(response.grpc + 1);
      packed.text(response.flags);
      packed.natural(response.count);
    }
    packed.natural(this.#buckets);
    let before = FIRST_BUCKET;
    for (let place = 0; place < this.#buckets; place += 1) {
      const index = this.#at[place] ?? before;
      packed.natural(index - before);
      packed.natural(this.#held[place] ?? 0);
      before = index;
    }
  }

  /** As `add`, of a row that was packed. */
  mergeRow(packed: PackedCounts, row: number): void {
    const reader = packed.row(row);
    this.#requests += reader.natural();
    this.#retries += reader.natural();
    this.#requestBytes += reader.natural();
    this.#responseBytes += reader.natural();
    this.#opened += reader.natural();
    this.#closed += reader.natural();
    this.#openTime += reader.natural();
    this.#durationSum += reader.double();
    this.#durationCount += reader.natural();
    for (let left = reader.natural(); left > 0; left -= 1) {
      const code = reader.natural();
      const grpc = reader.natural() - 1;
      const flags = reader.text();
      this.#answer(code, grpc, flags, reader.natural());
    }
    let index = FIRST_BUCKET;
    for (let left = reader.natural(); left > 0; left -= 1) {
      index += reader.natural();
      this.#bucket(index, reader.natural());
    }
  }

  counts(): TrafficCounts {
    return {
      requests: this.#requests,
      responses: this.#responses.slice(0, this.#answers).map((each) => ({ ...each })),
      retries: this.#retries,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      durations: {
        count: this.#durationCount,
        sum: this.#durationSum,
        buckets: Array.from(
          { length: this.#buckets },
          (_, place) => [this.#at[place] ?? 0, this.#held[place] ?? 0] as const,
        ),
      },
      opened: this.#opened,
      closed: this.#closed,
      openTime: this.#openTime,
    };
  }

  /** Nothing was counted. */
  clear(): void {
    this.#requests = 0;
    this.#retries = 0;
    this.#requestBytes = 0;
    this.#responseBytes = 0;
    this.#opened = 0;
    this.#closed = 0;
    this.#openTime = 0;
    this.#durationSum = 0;
    this.#durationCount = 0;
    this.#answers = 0;
    this.#buckets = 0;
  }

  #bucket(index: number, held: number): void {
    const at = this.#at;
    let low = 0;
    let high = this.#buckets;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((at[middle] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    if (low < this.#buckets && at[low] === index) {
      this.#held[low] = (this.#held[low] ?? 0) + held;
      return;
    }
    if (this.#buckets === at.length) this.#octets += BUCKET_OCTETS;
    for (let place = this.#buckets; place > low; place -= 1) {
      at[place] = at[place - 1] ?? 0;
      this.#held[place] = this.#held[place - 1] ?? 0;
    }
    at[low] = index;
    this.#held[low] = held;
    this.#buckets += 1;
  }

  /** An edge has few different answers: looking through them beats a map of texts. */
  #answer(code: number, grpc: number, flags: string, count: number): void {
    for (let each = 0; each < this.#answers; each += 1) {
      const known = this.#responses[each];
      if (known === undefined || known.code !== code || known.grpc !== grpc || known.flags !== flags) continue;
      known.count += count;
      return;
    }
    if (this.#answers >= MOST_ANSWERS && (code % 100 !== 0 || flags !== '')) {
      this.#answer(code - (code % 100), grpc, '', count);
      return;
    }
    this.#response(code, grpc, flags, count);
    this.#answers += 1;
  }

  #response(code: number, grpc: number, flags: string, count: number): void {
    const unused = this.#responses[this.#answers];
    if (unused === undefined) {
      this.#responses.push({ code, grpc, flags, count });
      this.#octets += ANSWER_OCTETS + textOctets(flags);
      return;
    }
    this.#octets += textOctets(flags) - textOctets(unused.flags);
    unused.code = code;
    unused.grpc = grpc;
    unused.flags = flags;
    unused.count = count;
  }
}
