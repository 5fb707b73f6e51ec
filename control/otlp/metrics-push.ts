/**
 * Pushes metrics to one collector, interval by interval: in messages of a bounded number of points, one under way at a time. Totals that a
 * collector did not take are in the next push; amounts (delta) wait in a bounded queue and are sent again, and what does not fit is dropped and
 * counted. Nothing else of the control plane waits for it.
 */
import type { MonotonicClock, Timer, WallClock } from '@weft/core/kernel';
import type { OtlpMetric, Temporality } from '@weft/core/services';
import type { OtlpCollector } from './client.ts';

/**
 * Points of one message, and messages that wait at most. A histogram with all its attributes and exemplars takes two kilobytes and a half: a
 * message stays below the 4 MiB that gRPC servers take unless told otherwise.
 */
const POINTS = 1500;
const WAITING = 64;

export interface PushHealth {
  /** Points that the collector took, and those that it did not, or that were dropped for want of room. */
  readonly sent: number;
  readonly dropped: number;
  /** Messages that failed. */
  readonly failed: number;
}

export interface MetricsPushOptions {
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  /** ms. */
  readonly interval: number;
  readonly temporality: Temporality;
  readonly collector: OtlpCollector;
  readonly encode: (metrics: readonly OtlpMetric[]) => Uint8Array;
  /** Points that an answer says were not taken. */
  readonly rejected: (answer: Uint8Array) => number;
  readonly metrics: (temporality: Temporality, time: number) => readonly OtlpMetric[];
  /** The first failure after success, and the first success after failure (''). */
  readonly onState: (error: string) => void;
}

interface Waiting {
  readonly message: Uint8Array;
  readonly points: number;
}

export class MetricsPush {
  readonly #options: MetricsPushOptions;
  #queue: Waiting[] = [];
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  #failing = false;
  #stopped = false;
  #sent = 0;
  #dropped = 0;
  #failed = 0;

  constructor(options: MetricsPushOptions) {
    this.#options = options;
  }

  get health(): PushHealth {
    return { sent: this.#sent, dropped: this.#dropped, failed: this.#failed };
  }

  start(): void {
    const { clock, interval } = this.#options;
    this.#timer = clock.after(interval, () => {
      this.start();
      this.#turn();
    });
  }

  /** What is counted now is pushed once more, within `patience` ms; then nothing. */
  async stop(patience = 0): Promise<void> {
    this.#timer?.cancel();
    if (patience > 0) {
      const over = new Promise<void>((resolve) => this.#options.clock.after(patience, resolve));
      await Promise.race([over, this.#sending ?? Promise.resolve()]);
      this.#turn();
      await Promise.race([over, this.#sending ?? Promise.resolve()]);
    }
    this.#stopped = true;
    this.#options.collector.close();
  }

  #turn(): void {
    const { temporality } = this.#options;
    // The totals of a push that is still under way are old news, and so is another one of them.
    if (temporality === 'cumulative' && this.#sending !== undefined) return;
    this.#gather();
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
  }

  #gather(): void {
    const { encode, metrics, temporality, wall } = this.#options;
    if (temporality === 'cumulative') this.#queue = [];
    for (const batch of inBatches(metrics(temporality, wall.now()))) {
      const points = batch.reduce((sum, { data }) => sum + data.points.length, 0);
      if (this.#queue.length >= WAITING) this.#dropped += points;
      else this.#queue.push({ message: encode(batch), points });
    }
  }

  /** Until nothing waits, or the collector does not take it. */
  async #send(): Promise<void> {
    const { collector, rejected, temporality } = this.#options;
    for (let next = this.#queue[0]; next !== undefined && !this.#stopped; next = this.#queue[0]) {
      const result = await collector.send(next.message);
      if ('error' in result) {
        this.#failed += 1;
        if (temporality === 'cumulative') {
          this.#dropped += this.#queue.reduce((sum, { points }) => sum + points, 0);
          this.#queue = [];
        }
        this.#tell(result.error);
        return;
      }
      this.#queue.shift();
      const lost = Math.min(next.points, rejected(result.answer));
      this.#sent += next.points - lost;
      this.#dropped += lost;
      this.#tell('');
    }
  }

  #tell(error: string): void {
    if (this.#failing === (error !== '')) return;
    this.#failing = error !== '';
    this.#options.onState(error);
  }
}

/** Each with as many points as one message has at most. */
function* inBatches(metrics: readonly OtlpMetric[]): Generator<OtlpMetric[]> {
  let batch: OtlpMetric[] = [];
  let room = POINTS;
  for (const metric of metrics) {
    const { points } = metric.data;
    for (let at = 0; at < points.length; ) {
      const part = points.slice(at, at + room);
      batch.push({ ...metric, data: { ...metric.data, points: part } as OtlpMetric['data'] });
      at += part.length;
      room -= part.length;
      if (room > 0) continue;
      yield batch;
      batch = [];
      room = POINTS;
    }
  }
  if (batch.length > 0) yield batch;
}
