/**
 * Sheds load before a limit of the process ends it: looks at its monitors in turns and switches the actions that listeners and connection managers ask for.
 * What is under way goes on; an action ends by itself. Runs only where a bootstrap or the command asked for it.
 */
import { getHeapStatistics } from 'node:v8';
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { Overload } from '@weft/core/proxy-config';
import type { EngineLog, OverloadState } from '../ports.ts';
import type { Gauge, Registry } from '../telemetry/registry.ts';
import { Ladder, RELIEF } from './ladder.ts';
import { fileLimit, openFiles, pressureOf, type Readings } from './readings.ts';

/** What the engine shows its listeners and managers, switched by `LoadShedding`. */
export const calm = (): OverloadState => ({
  closesConnections: false,
  refusesRequests: false,
  refusesConnections: false,
});

export interface SheddingSetting {
  readonly clock: MonotonicClock;
  readonly registry: Registry;
  readonly log: EngineLog;
  readonly state: OverloadState;
  /** Of the process, when this engine is one of several. */
  readonly connections: () => number;
  /** Tells the bytes that this thread holds; answers with those of all. */
  readonly memory: (own: number) => number;
  /** Gives back what is garbage. */
  readonly collect: () => void;
  /** Replaces what is measured; for tests. */
  readonly readings?: Partial<Readings>;
}

/** ms between two collections that a want of memory asks for. */
const COLLECT = 2000;

export class LoadShedding {
  readonly #conf: Overload;
  readonly #setting: SheddingSetting;
  readonly #ladder: Ladder;
  /** Monitors whose pressure a collection can lower. */
  readonly #memory: ReadonlySet<string>;
  readonly #readings: Readings;
  readonly #pressures: Map<string, Gauge>;
  #collectedAt = Number.NEGATIVE_INFINITY;
  #due = 0;
  #late = 0;
  #lag = 0;
  #timer: Timer | undefined;

  constructor(conf: Overload, setting: SheddingSetting) {
    this.#conf = conf;
    this.#setting = setting;
    this.#ladder = new Ladder(conf);
    this.#memory = new Set(
      conf.monitors
        .filter(({ resource }) => ['fixed-heap', 'cgroup-memory', 'heap'].includes(resource.kind))
        .map(({ name }) => name),
    );
    const limit = fileLimit();
    const group = process.constrainedMemory();
    this.#readings = {
      memory: () => setting.memory(ownMemory()),
      heapShare: () => {
        const { used_heap_size: used, heap_size_limit: most } = getHeapStatistics();
        return used / most;
      },
      resident: () => process.memoryUsage.rss(),
      memoryLimit: () => (group > 0 && group < 2 ** 53 ? group : 0),
      connections: setting.connections,
      openFiles,
      fileLimit: () => limit,
      lag: () => this.#lag,
      ...setting.readings,
    };
    const { registry } = setting;
    this.#pressures = new Map(
      conf.monitors.map(({ name }) => [
        name,
        registry.gauge(`envoy_overload_${metric(name)}_pressure`, [], `overload.${name}.pressure`),
      ]),
    );
    for (const { action } of conf.actions) {
      const name = ENVOY_ACTIONS[action];
      const active = (): number => Number(this.#ladder.isActive(action));
      const observe = (stat: string, read: () => number): void =>
        registry.observed(`envoy_overload_${metric(name)}_${stat}`, 'gauge', [], `overload.${name}.${stat}`, read);
      observe('active', active);
      observe('scale_percent', () => active() * 100);
    }
  }

  start(): void {
    this.#wait();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Looks now. */
  look(): void {
    const now = this.#setting.clock.now();
    const late = Math.max(0, now - this.#due);
    this.#lag = Math.min(late, this.#late);
    this.#late = late;
    const found = new Map<string, number>();
    for (const { name, resource } of this.#conf.monitors) {
      const pressure = pressureOf(resource, this.#readings);
      found.set(name, pressure);
      this.#pressures.get(name)?.set(Math.round(pressure * 100));
    }
    for (const { action, active, monitor, pressure } of this.#ladder.update((name) => found.get(name) ?? 0)) {
      const { log } = this.#setting;
      if (active)
        log.write('overload', 'warning', 'load is shed', { action, monitor, percent: Math.round(pressure * 100) });
      else log.write('overload', 'warning', 'load is shed no more', { action });
    }
    this.#relieve(now, found);
    const { state } = this.#setting;
    state.closesConnections = this.#ladder.isActive('disable-keepalive');
    state.refusesRequests = this.#ladder.isActive('stop-accepting-requests');
    state.refusesConnections =
      this.#ladder.isActive('stop-accepting-connections') || this.#ladder.isActive('reject-incoming-connections');
  }

  /** While an action is taken for want of memory. */
  #relieve(now: number, pressures: ReadonlyMap<string, number>): void {
    if (now - this.#collectedAt < COLLECT) return;
    const short = this.#conf.actions.some(
      ({ action, triggers }) =>
        this.#ladder.isActive(action) &&
        triggers.some(
          ({ monitor, threshold }) => this.#memory.has(monitor) && (pressures.get(monitor) ?? 0) >= threshold * RELIEF,
        ),
    );
    if (!short) return;
    this.#collectedAt = now;
    this.#setting.collect();
  }

  #wait(): void {
    const { clock } = this.#setting;
    this.#due = clock.now() + this.#conf.refreshInterval;
    this.#timer = clock.after(this.#conf.refreshInterval, () => {
      this.look();
      this.#wait();
    });
  }
}

const ENVOY_ACTIONS = {
  'disable-keepalive': 'envoy.overload_actions.disable_http_keepalive',
  'stop-accepting-requests': 'envoy.overload_actions.stop_accepting_requests',
  'stop-accepting-connections': 'envoy.overload_actions.stop_accepting_connections',
  'reject-incoming-connections': 'envoy.overload_actions.reject_incoming_connections',
} as const;

function ownMemory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const metric = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_');
