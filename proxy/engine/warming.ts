/** Waiting, within a limit, until a new configuration could serve: secrets are there, names resolved, first health checks done. */
import type { MonotonicClock } from '@weft/core/kernel';
import type { TlsMaterial } from '../transport/index.ts';
import type { UpstreamCluster } from '../upstream/index.ts';

const POLL = 5;

export class Warming {
  readonly #clock: MonotonicClock;
  readonly #material: TlsMaterial;
  readonly #limit: number;
  readonly #expired = new Set<string>();

  constructor(clock: MonotonicClock, material: TlsMaterial, limit: number) {
    this.#clock = clock;
    this.#material = material;
    this.#limit = limit;
  }

  /** Each secret is waited for once; one that did not come in time holds up no later configuration. */
  async wait(secrets: ReadonlySet<string>, clusters: readonly UpstreamCluster[]): Promise<void> {
    const end = this.#clock.now() + this.#limit;
    const missing = (): string[] =>
      [...secrets].filter((name) => !this.#expired.has(name) && !this.#material.has(name));
    const ready = (): boolean => missing().length === 0 && clusters.every((cluster) => cluster.ready);
    // The clock's timers let a process end that has nothing else open, as one that is about to start has not.
    const alive = setInterval(() => undefined, 1000);
    try {
      while (!ready() && this.#clock.now() < end) {
        await new Promise<void>((resolve) => this.#clock.after(POLL, resolve));
      }
    } finally {
      clearInterval(alive);
    }
    for (const name of missing()) this.#expired.add(name);
    for (const name of this.#expired) if (!secrets.has(name) || this.#material.has(name)) this.#expired.delete(name);
  }
}
