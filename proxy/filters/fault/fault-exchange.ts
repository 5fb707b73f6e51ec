/** One exchange with a fault: the delay it waits for, and the pace at which its answer goes on. Holds 64 KiB of the answer before the upstream is stopped. */
import type { Exchange } from '../../http/exchange.ts';
import type { ReusableTimer, TimerTarget } from '../../ports.ts';
import type { StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { FaultFilter } from './filter.ts';

const NOTHING = new Uint8Array(0);
/** ms between two parts of a slowed answer, and as many of them a second. */
const SLICE = 50;
const SLICES = 1000 / SLICE;
const MOST_HELD = 65_536;

export class FaultExchange implements StreamFilter, TimerTarget {
  readonly #filter: FaultFilter;
  readonly #exchange: Exchange;
  readonly #run: FilterRun;
  readonly #octetsPerSlice: number;
  readonly #timer: ReusableTimer | undefined;
  readonly #held: Uint8Array[] = [];
  #heldOctets = 0;
  /** What may go out in this slice. */
  #left: number;
  #ended = false;
  /** Several faults of one exchange are one active fault. */
  #active = true;

  /** Owns a place that `FaultStats.begin` took. `kbps` 0: the answer goes as it comes. */
  constructor(filter: FaultFilter, exchange: Exchange, run: FilterRun, kbps: number) {
    this.#filter = filter;
    this.#exchange = exchange;
    this.#run = run;
    this.#octetsPerSlice = Math.ceil((kbps * 1024) / SLICES);
    this.#left = this.#octetsPerSlice;
    this.#timer = kbps === 0 ? undefined : filter.runtime.timers.create(this, 0);
  }

  timeOver(): void {
    if (this.#filter.abort(this.#exchange)) this.#run.answer();
    else this.#run.resume();
  }

  get full(): boolean {
    return this.#heldOctets > MOST_HELD;
  }

  answerData(bytes: Uint8Array): Uint8Array {
    if (this.#timer === undefined) return bytes;
    if (this.#held.length === 0 && this.#left >= bytes.length) {
      this.#spend(bytes.length);
      return bytes;
    }
    this.#held.push(new Uint8Array(bytes));
    this.#heldOctets += bytes.length;
    this.#tick(this.#timer);
    return NOTHING;
  }

  #spend(octets: number): void {
    this.#left -= octets;
    if (this.#timer !== undefined) this.#tick(this.#timer);
  }

  #tick(timer: ReusableTimer): void {
    if (!timer.running) timer.start(SLICE);
  }

  answerEnd(): Uint8Array | undefined {
    this.#ended = true;
    return this.#heldOctets === 0 ? NOTHING : undefined;
  }

  timerFired(): void {
    if (!this.#exchange.active) return;
    this.#left = this.#octetsPerSlice;
    try {
      this.#release();
    } catch (error) {
      this.#exchange.defect(error);
    }
  }

  #release(): void {
    while (this.#left > 0 && this.#held.length > 0) {
      const first = this.#held[0] as Uint8Array;
      const part = first.subarray(0, this.#left);
      if (part.length === first.length) this.#held.shift();
      else this.#held[0] = first.subarray(part.length);
      this.#heldOctets -= part.length;
      this.#left -= part.length;
      this.#run.sendAnswer(this, part);
    }
    if (this.#heldOctets > 0) this.#timer?.start(SLICE);
    else if (this.#ended) this.#run.endAnswer();
    if (!this.full) this.#exchange.router.client?.resumeReading();
  }

  ended(): void {
    this.#timer?.stop();
    if (this.#active) this.#filter.stats.ended();
    this.#active = false;
  }
}
