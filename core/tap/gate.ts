/** Which exchanges a tap shows, and how many: a record that matches is shown while the second has room, else it is counted. */
import type { MonotonicClock } from '../kernel/index.ts';
import { KeepGate } from './keep.ts';
import type { TapRecord, TapRequest } from './record.ts';

export function matchesTap(request: TapRequest, record: TapRecord): boolean {
  const { to, method, path, status } = request;
  if (method !== '' && record.method !== method) return false;
  if (path !== '' && !record.path.startsWith(path)) return false;
  if (status !== 0 && record.status !== status && Math.floor(record.status / 100) !== status) return false;
  if (to === '') return true;
  const { peer, service, direction } = record;
  return direction === 'outbound' && (isNamed(peer, to) || isNamed(service, to));
}

/** `orders` and `shop/orders` both name `shop/orders`. */
const isNamed = (name: string, wanted: string): boolean =>
  name === wanted || (!wanted.includes('/') && name.slice(name.indexOf('/') + 1) === wanted);

export class TapGate {
  readonly #request: TapRequest;
  readonly #clock: MonotonicClock;
  readonly #shown: (record: TapRecord) => void;
  readonly #missed: (count: number) => void;
  readonly #keep: KeepGate | undefined;
  #second = Number.NEGATIVE_INFINITY;
  #left = 0;

  constructor(
    request: TapRequest,
    clock: MonotonicClock,
    shown: (record: TapRecord) => void,
    missed: (count: number) => void,
  ) {
    this.#request = request;
    this.#clock = clock;
    this.#shown = shown;
    this.#missed = missed;
    this.#keep = request.keep ? new KeepGate(request.rate, clock, missed) : undefined;
  }

  /** Whether it keeps a sample: then `weigh` wants to know of what is not telling which request it was. */
  get keeps(): boolean {
    return this.#keep !== undefined;
  }

  /** Asked before a record is made: 0 where none is needed, else how many exchanges it stands for. */
  weigh(telling: boolean, id: string): number {
    return this.#keep === undefined ? 1 : this.#keep.weigh(telling, id);
  }

  offer(record: TapRecord): void {
    if (!matchesTap(this.#request, record)) return;
    if (this.#keep !== undefined) {
      this.#shown(record);
      return;
    }
    const now = this.#clock.now();
    if (now - this.#second >= 1000) {
      this.#second = now;
      this.#left = this.#request.rate;
    }
    if (this.#left <= 0) {
      this.#missed(1);
      return;
    }
    this.#left -= 1;
    this.#shown(record);
  }
}
