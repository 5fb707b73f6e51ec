/** Measures all ServiceLevels again and again, keeps what came out, and tells when the budget of one begins and ends to burn too fast. */
import type { AlertState, LevelState, ObjectiveState } from '@weft/core/documents';
import type { MonotonicClock, Timer, WallClock } from '@weft/core/kernel';
import type { BurnAlert, Objective, ServiceLevel } from '@weft/core/resources';
import type { SeriesQueries } from '../series/index.ts';
import { badShare, budgetOf, objectiveText } from './queries.ts';

/** What is sent when an alert begins or ends. */
export interface AlertEvent {
  readonly state: 'burning' | 'ended';
  readonly serviceLevel: string;
  readonly target: string;
  readonly objective: string;
  readonly severity: BurnAlert['severity'];
  readonly burnLong: number | undefined;
  readonly burnShort: number | undefined;
  readonly budgetLeft: number | undefined;
  /** RFC 3339 */
  readonly at: string;
}

export interface ServiceLevelsOptions {
  readonly objects: () => readonly ServiceLevel[];
  readonly series: SeriesQueries;
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  readonly onAlert: (event: AlertEvent) => void;
  /** ms between two measurements; default 15 000. */
  readonly every?: number;
}

export class ServiceLevels {
  readonly #options: ServiceLevelsOptions;
  #states: readonly LevelState[] = [];
  readonly #burning = new Map<string, AlertEvent>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: ServiceLevelsOptions) {
    this.#options = options;
  }

  get states(): readonly LevelState[] {
    return this.#states;
  }

  start(): void {
    this.#timer = this.#options.clock.after(this.#options.every ?? 15_000, () => void this.#round());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Measures once. */
  async measure(): Promise<void> {
    const states: LevelState[] = [];
    for (const level of this.#options.objects()) states.push(await this.#measured(level));
    this.#states = states;
    this.#tell(states);
  }

  async #round(): Promise<void> {
    await this.measure();
    if (!this.#stopped) this.start();
  }

  async #measured(level: ServiceLevel): Promise<LevelState> {
    const { metadata, spec } = level;
    const base = {
      namespace: metadata.namespace,
      name: metadata.name,
      target: `${spec.targetRef.kind}/${spec.targetRef.name}`,
      window: spec.window,
      at: this.#options.wall.now(),
    };
    try {
      const objectives: ObjectiveState[] = [];
      for (const objective of spec.objectives) objectives.push(await this.#objective(level, objective));
      return { ...base, objectives, problem: '' };
    } catch (error) {
      return { ...base, objectives: [], problem: error instanceof Error ? error.message : String(error) };
    }
  }

  async #objective(level: ServiceLevel, objective: Objective): Promise<ObjectiveState> {
    const budget = budgetOf(objective);
    const bad = await this.#share(level, objective, level.spec.window);
    const alerts: AlertState[] = [];
    for (const { severity, long, short, burnRate } of level.spec.alerts) {
      const [overLong, overShort] = [
        await this.#share(level, objective, long),
        await this.#share(level, objective, short),
      ];
      const burnLong = overLong === undefined ? undefined : overLong / budget;
      const burnShort = overShort === undefined ? undefined : overShort / budget;
      const burning = (burnLong ?? 0) >= burnRate && (burnShort ?? 0) >= burnRate;
      alerts.push({ severity, long, short, limit: burnRate, burnLong, burnShort, burning });
    }
    return {
      objective: objectiveText(objective),
      good: bad === undefined ? undefined : 1 - bad,
      budgetLeft: bad === undefined ? undefined : 1 - bad / budget,
      alerts,
    };
  }

  /** 0 to 1; undefined without requests. Throws what the series say. */
  async #share(level: ServiceLevel, objective: Objective, over: string): Promise<number | undefined> {
    const { code, body } = await this.#options.series.query(
      'query',
      new URLSearchParams({ query: badShare(level, objective, over) }),
    );
    const answer = JSON.parse(body) as { error?: string; data?: { result?: readonly { value: [number, string] }[] } };
    if (code !== 200) throw new Error(answer.error ?? `the series answered ${code}`);
    const share = Number(answer.data?.result?.[0]?.value[1] ?? Number.NaN);
    return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : undefined;
  }

  /** Alerts that began or ended since the last time; one whose object is gone has ended. */
  #tell(states: readonly LevelState[]): void {
    const now = new Map<string, AlertEvent>();
    // What could not be measured is neither begun nor ended.
    const unknown = new Set(
      states.filter(({ problem }) => problem !== '').map(({ namespace, name }) => `${namespace}/${name}`),
    );
    for (const { namespace, name, target, at, objectives } of states)
      for (const { objective, alerts, budgetLeft } of objectives)
        for (const { burning, severity, long, short, burnLong, burnShort } of alerts) {
          if (!burning) continue;
          const serviceLevel = `${namespace}/${name}`;
          now.set([serviceLevel, objective, severity, long, short].join('\n'), {
            state: 'burning',
            serviceLevel,
            target,
            objective,
            severity,
            burnLong,
            burnShort,
            budgetLeft,
            at: new Date(at).toISOString(),
          });
        }
    for (const [key, event] of now) {
      if (!this.#burning.has(key)) this.#options.onAlert(event);
      this.#burning.set(key, event);
    }
    for (const [key, event] of this.#burning) {
      if (now.has(key) || unknown.has(event.serviceLevel)) continue;
      this.#burning.delete(key);
      this.#options.onAlert({ ...event, state: 'ended', at: new Date(this.#options.wall.now()).toISOString() });
    }
  }
}
