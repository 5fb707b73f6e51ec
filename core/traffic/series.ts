/**
 * One row of the table: what was counted of an edge and one answer. Numbers stand in one typed array; counting an exchange is a few additions
 * and makes nothing. Only the table makes rows.
 */
import { BYTE_BOUNDS, byteBucket } from './bytes.ts';
import { bucketOf, FIRST_BUCKET, LAST_BUCKET } from './durations.ts';
import type { Edge } from './edge.ts';
import { Exemplars } from './exemplars.ts';

/** What a row is told apart by. */
export interface SeriesName {
  readonly edge: Edge;
  /** Of HTTP and gRPC; of TCP 0. */
  readonly code: number;
  /** -1: not gRPC. */
  readonly grpc: number;
  /** Envoy's short names of response flags; '' for none. */
  readonly flags: string;
}

/** Of a row of TCP. */
export const TCP_CELLS = { opened: 0, closed: 1, received: 2, sent: 3, openTime: 4, width: 5 } as const;

const BYTES = BYTE_BOUNDS.length + 1;
const DURATIONS = 5;
const REQUEST = DURATIONS + LAST_BUCKET - FIRST_BUCKET + 1;

/** Of a row of HTTP: where numbers stand, and where lists of buckets begin. Of bytes the last bucket is for all beyond the last bound. */
export const HTTP_CELLS = {
  requests: 0,
  retries: 1,
  durationSum: 2,
  requestBytes: 3,
  responseBytes: 4,
  durations: DURATIONS,
  requestBuckets: REQUEST,
  responseBuckets: REQUEST + BYTES,
  width: REQUEST + 2 * BYTES,
} as const;

const DURATION_SHIFT = DURATIONS - FIRST_BUCKET;

export class Series {
  readonly name: SeriesName;
  readonly key: string;
  /** The same for rows that Istio's labels do not tell apart. */
  readonly label: string;
  readonly cells: Float64Array;
  /** What was taken of `cells` already. */
  sent: Float64Array | undefined;
  /** Of durations; undefined until a traced request was counted. */
  exemplars: Exemplars | undefined;
  /** Nothing was counted since the table looked last. */
  idle = true;
  /** Monotonic ms at which the table saw it busy last. */
  lastUsed = 0;
  readonly #woke: (series: Series) => void;

  constructor(name: SeriesName, key: string, label: string, woke: (series: Series) => void) {
    this.name = name;
    this.key = key;
    this.label = label;
    this.cells = new Float64Array(name.edge.protocol === 'tcp' ? TCP_CELLS.width : HTTP_CELLS.width);
    this.#woke = woke;
  }

  /** A request that ended: ms, octets of bodies, attempts (0: none was made). */
  request(duration: number, requestBytes: number, responseBytes: number, attempts: number): void {
    const { cells } = this;
    cells[0] = (cells[0] ?? 0) + 1;
    if (attempts > 1) this.#add(HTTP_CELLS.retries, attempts - 1);
    this.#add(HTTP_CELLS.durationSum, duration);
    this.#add(HTTP_CELLS.requestBytes, requestBytes);
    this.#add(HTTP_CELLS.responseBytes, responseBytes);
    this.#add(DURATION_SHIFT + bucketOf(duration), 1);
    this.#add(HTTP_CELLS.requestBuckets + byteBucket(requestBytes), 1);
    this.#add(HTTP_CELLS.responseBuckets + byteBucket(responseBytes), 1);
    if (this.idle) this.wake();
  }

  /** The request that was counted last was traced: ms that it took, Unix ms of its end. */
  traced(traceId: string, duration: number, at: number): void {
    this.exemplars ??= new Exemplars();
    this.exemplars.keep({ traceId, value: duration, at });
  }

  /** A TCP connection reached its endpoint. */
  opened(): void {
    this.#add(TCP_CELLS.opened, 1);
    if (this.idle) this.wake();
  }

  /** Octets from and to the caller, and ms, since its opening or the last time that this was told. */
  closed(received: number, sent: number, ms: number): void {
    this.#add(TCP_CELLS.closed, 1);
    this.goesOn(received, sent, ms);
  }

  /** It is open still; as `closed`. */
  goesOn(received: number, sent: number, ms: number): void {
    this.#add(TCP_CELLS.openTime, Math.max(1, Math.round(ms)));
    this.#add(TCP_CELLS.received, received);
    this.#add(TCP_CELLS.sent, sent);
    if (this.idle) this.wake();
  }

  wake(): void {
    this.idle = false;
    this.#woke(this);
  }

  #add(index: number, amount: number): void {
    this.cells[index] = (this.cells[index] ?? 0) + amount;
  }
}
