/** Waiting, within a limit, until a new configuration could serve: secrets are there, names resolved, first health checks done. */
import type { MonotonicClock } from '@weft/core/kernel';
import type { TlsMaterial } from '../transport/index.ts';
import type { UpstreamCluster } from '../upstream/index.ts';

const POLL = 5;

export class Warming {
  readonly #clock: MonotonicClock;
  readonly #material: TlsMaterial;
  readonly #limit: number;

  constructor(clock: MonotonicClock, material: TlsMaterial, limit: number) {
    this.#clock = clock;
    this.#material = material;
    this.#limit = limit;
  }

  async wait(secrets: ReadonlySet<string>, clusters: readonly UpstreamCluster[]): Promise<void> {
    const end = this.#clock.now() + this.#limit;
    const ready = (): boolean =>
      [...secrets].every((name) => this.#material.has(name)) && clusters.every((cluster) => cluster.ready);
    while (!ready() && this.#clock.now() < end) {
      await new Promise<void>((resolve) => this.#clock.after(POLL, resolve));
    }
  }
}
