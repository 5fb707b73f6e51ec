/** Taps of a proxy on several threads: each worker shows its own exchanges, within the rate of the whole. */
import { type TapRecord, type TapRequest, TapGate } from '@weft/core/tap';
import { systemMonotonicClock } from '../time/index.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { WorkerThread } from './thread.ts';

type Order = Extract<ToWorker, { kind: 'tap' | 'untap' }>;
type Told = Extract<FromWorker, { kind: 'tapped' | 'missed' }>;

interface OpenTap {
  readonly request: TapRequest;
  readonly gate: TapGate;
  readonly missed: (count: number) => void;
}

export class PoolTaps {
  /** To one worker, or to all. */
  readonly #tell: (order: Order, thread?: WorkerThread) => void;
  readonly #open = new Map<number, OpenTap>();
  #last = 0;

  constructor(tell: (order: Order, thread?: WorkerThread) => void) {
    this.#tell = tell;
  }

  open(request: TapRequest, shown: (record: TapRecord) => void, missed: (count: number) => void): { close(): void } {
    this.#last += 1;
    const tap = this.#last;
    this.#open.set(tap, { request, gate: new TapGate(request, systemMonotonicClock, shown, missed), missed });
    this.#tell({ kind: 'tap', tap, request });
    return {
      close: () => {
        if (this.#open.delete(tap)) this.#tell({ kind: 'untap', tap });
      },
    };
  }

  /** A new worker. */
  joined(thread: WorkerThread): void {
    for (const [tap, { request }] of this.#open) this.#tell({ kind: 'tap', tap, request }, thread);
  }

  heard(message: Told): void {
    const open = this.#open.get(message.tap);
    if (message.kind === 'tapped') open?.gate.offer(message.record);
    else open?.missed(message.count);
  }
}
