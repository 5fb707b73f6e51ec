/** Tells in the log of `weft run` of upstreams that nothing listens for, which is how a name that was mistyped looks, and when they are there. */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { Log } from '../../log.ts';

export interface Upstream {
  /** As the user named it. */
  readonly name: string;
  readonly port: number;
}

/** ms until it is told: services that start together find each other within. And between two looks while any is missing. */
export const LOOK = 5000;

export class MissingUpstreams {
  readonly #missing = new Set<Upstream>();
  #timer: Timer | undefined;

  /** `listening`: ports that the proxy listens on; undefined when it does not say. */
  constructor(
    upstreams: readonly Upstream[],
    listening: () => Promise<ReadonlySet<number> | undefined>,
    log: Log,
    clock: MonotonicClock,
  ) {
    if (upstreams.length === 0) return;
    const later = (): void => {
      this.#timer = clock.after(LOOK, () => void look());
    };
    const look = async (): Promise<void> => {
      const ports = await listening();
      if (this.#timer === undefined) return;
      if (ports !== undefined) this.#tell(upstreams, ports, log);
      if (ports === undefined || this.#missing.size > 0) later();
    };
    later();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #tell(upstreams: readonly Upstream[], ports: ReadonlySet<number>, log: Log): void {
    for (const upstream of upstreams) {
      const { name, port } = upstream;
      if (ports.has(port)) {
        if (this.#missing.delete(upstream)) log.info('the upstream is there now', { upstream: name, port });
      } else if (!this.#missing.has(upstream)) {
        this.#missing.add(upstream);
        log.warn(
          'nothing listens for an upstream yet: is the service started, and its name right? `weft check` says more',
          {
            upstream: name,
            port,
          },
        );
      }
    }
  }
}
