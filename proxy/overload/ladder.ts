/**
 * Which overload actions are taken at a given pressure (envoy.config.overload.v3.OverloadManager). An action begins at its threshold and ends when every
 * trigger is `RELIEF` below it, so that it does not flicker. A state machine without clock or input; it must never end what is under way.
 */
import type { Overload, OverloadAction } from '@weft/core/proxy-config';

/** Share of its threshold that a pressure must fall below before an action ends. */
export const RELIEF = 0.95;

export interface Change {
  readonly action: OverloadAction;
  readonly active: boolean;
  /** The monitor and its pressure that began it; '' at an end. */
  readonly monitor: string;
  readonly pressure: number;
}

export class Ladder {
  readonly #conf: Overload;
  readonly #active = new Set<OverloadAction>();

  constructor(conf: Overload) {
    this.#conf = conf;
  }

  isActive(action: OverloadAction): boolean {
    return this.#active.has(action);
  }

  /** `pressure` answers for a monitor's name; the share of its limit. What changed. */
  update(pressure: (monitor: string) => number): Change[] {
    const changes: Change[] = [];
    for (const { action, triggers } of this.#conf.actions) {
      const active = this.#active.has(action);
      const factor = active ? RELIEF : 1;
      const firing = triggers.find(({ monitor, threshold }) => pressure(monitor) >= threshold * factor);
      if ((firing !== undefined) === active) continue;
      if (firing === undefined) this.#active.delete(action);
      else this.#active.add(action);
      changes.push({
        action,
        active: !active,
        monitor: firing?.monitor ?? '',
        pressure: firing === undefined ? 0 : pressure(firing.monitor),
      });
    }
    return changes;
  }
}
