/** The whole ring: backends, tap, engine; payloads through it by many clients at a time. */
import { type Backend, type BackendName, presentBackends, startBackend } from './backends.ts';
import type { Verdict } from './judge.ts';
import type { Front } from './fronts.ts';
import { Lane } from './lane.ts';
import { Origins } from './origins.ts';
import type { Payload } from './payload.ts';
import type { RunningServer } from './recorder.ts';
import { Memory, type Seen } from './seen.ts';
import { Tap } from './tap.ts';

export interface RingSetup {
  readonly front: Front;
  /** What the front speaks to what is behind it. */
  readonly protocol?: 'http1' | 'http2';
  /** ms until octets that nobody takes count as lost; judges of a busy machine need many. */
  readonly patience?: number;
}

export interface Disagreement {
  readonly payload: Payload;
  readonly index: number;
  readonly faults: readonly string[];
}

export interface Report {
  readonly backends: readonly BackendName[];
  readonly payloads: number;
  readonly seconds: number;
  /** Payloads of which every request was routed, and of which at least one was refused. */
  readonly routed: number;
  readonly refused: number;
  readonly disagreements: readonly Disagreement[];
  /** Backend and its own status line -> how many requests it would not take, and one of them. */
  readonly refusedBy: ReadonlyMap<string, { readonly times: number; readonly sample: Seen }>;
  /** What belongs to no payload. */
  readonly strays: readonly string[];
}

interface Parts {
  readonly origins: Origins;
  readonly refusedBy: Report['refusedBy'];
  readonly backends: readonly Backend[];
  readonly tap: Tap;
  readonly front: RunningServer;
  readonly patience: number;
}

export class Ring {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async start(folder: string, { front, protocol = 'http1', patience = 20_000 }: RingSetup): Promise<Ring> {
    const origins = new Origins();
    const refusedBy = new Map<string, { times: number; sample: Seen }>();
    const memory = new Memory();
    const stops: (() => Promise<void>)[] = [];
    try {
      const backends: Backend[] = [];
      for (const name of presentBackends()) {
        const backend = await startBackend(name, folder, memory, (text) => origins.strays.push(text));
        backends.push(backend);
        stops.unshift(() => backend.stop());
      }
      const tap = new Tap(backends, {
        protocol,
        memory,
        patience,
        owner: {
          routed: (from, routed) => origins.routed(from, routed),
          disagrees: (from, text) => origins.disagrees(from, text),
          refusedBy: (name, status, sample) => {
            const key = `${name}: ${status}`;
            refusedBy.set(key, { times: (refusedBy.get(key)?.times ?? 0) + 1, sample });
          },
        },
      });
      await tap.start();
      stops.unshift(() => tap.stop());
      return new Ring({ origins, refusedBy, backends, tap, front: await front(tap.port), patience });
    } catch (error) {
      for (const stop of stops) await stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#parts.front.stop();
    await this.#parts.tap.stop();
    await Promise.all(this.#parts.backends.map((backend) => backend.stop()));
  }

  /** `payload(index)` from `first` on; stops early after `most` disagreements. */
  async run(
    payload: (index: number) => Payload,
    count: number,
    options: { first?: number; lanes?: number; most?: number } = {},
  ): Promise<Report> {
    const { first = 0, lanes = 48, most = 20 } = options;
    const began = performance.now();
    const counts = { routed: 0, refused: 0, fault: 0 };
    const disagreements: Disagreement[] = [];
    let next = 0;
    const lane = async (): Promise<void> => {
      const one = new Lane(this.#parts.front.port, this.#parts.origins, this.#parts.patience * 1.5);
      while (next < count && disagreements.length < most) {
        const index = first + next;
        next += 1;
        const sent = payload(index);
        const { kind, faults }: Verdict = await one.run(sent);
        counts[kind] += 1;
        if (kind === 'fault') disagreements.push({ payload: sent, index, faults });
      }
      one.close();
    };
    await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
    return {
      backends: this.#parts.backends.map(({ name }) => name),
      payloads: counts.routed + counts.refused + counts.fault,
      seconds: (performance.now() - began) / 1000,
      routed: counts.routed,
      refused: counts.refused,
      disagreements,
      refusedBy: this.#parts.refusedBy,
      strays: this.#parts.origins.strays,
    };
  }
}
