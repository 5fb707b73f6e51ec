/**
 * Writes conditions back into objects' status: what assembling said (Accepted, ResolvedRefs) and what the proxies answered (Programmed).
 * Writes only what differs, a few times a second at most; a lost race is settled by the next round.
 */
import type { MonotonicClock, Timer, WallClock } from '@weft/core/kernel';
import type { Assembly, ConditionDraft, ObjectStatus } from '@weft/core/mesh-view';
import {
  type Condition,
  CONTROLLER_NAME,
  type GatewayStatus,
  groupOf,
  type RouteStatus,
  type StoredObject,
} from '@weft/core/resources';
import type { Change, Store } from '../store/index.ts';
import type { ObjectSet } from './object-set.ts';
import { programmed, type Unprogrammed } from './programmed.ts';

const AUTHOR = 'controller:status';
/** ms between rounds. */
const PAUSE = 150;
/** Objects written in one transaction. */
const BATCH = 200;
/** Kinds besides routes and policies whose objects proxies do something for. */
const PROGRAMMABLE: readonly string[] = [
  'Mesh',
  'ExternalService',
  'Subset',
  'Fault',
  'RateLimit',
  'Authentication',
  'EnginePatch',
];

export interface StatusWriterOptions {
  readonly store: Store;
  readonly objects: ObjectSet;
  readonly assembly: () => Assembly | undefined;
  readonly unprogrammed: () => readonly Unprogrammed[];
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  /** Told of a round that could not be written. */
  readonly onProblem: (problem: string) => void;
}

export class StatusWriter {
  readonly #options: StatusWriterOptions;
  #timer: Timer | undefined;
  #writing = false;
  #again = false;
  #stopped = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /** Something that statuses depend on changed. */
  notify(): void {
    if (this.#stopped) return;
    if (this.#writing) {
      this.#again = true;
      return;
    }
    this.#timer ??= this.#options.clock.after(PAUSE, () => {
      this.#timer = undefined;
      this.#writing = true;
      this.#round().then(
        () => this.#done(),
        (defect: unknown) => {
          this.#options.onProblem(defect instanceof Error ? defect.message : String(defect));
          this.#done();
        },
      );
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #round(): Promise<void> {
    const { store, onProblem } = this.#options;
    const changes = this.#changes();
    for (let from = 0; from < changes.length; from += BATCH) {
      const written = await store.write(AUTHOR, changes.slice(from, from + BATCH));
      if (written.ok) continue;
      // Somebody changed an object meanwhile: one at a time, so that the others are not held up.
      if (written.error.code !== 'conflict') onProblem(written.error.message);
      else for (const change of changes.slice(from, from + BATCH)) await store.write(AUTHOR, [change]);
      this.#again = true;
    }
  }

  #done(): void {
    this.#writing = false;
    if (!this.#again) return;
    this.#again = false;
    this.notify();
  }

  #changes(): Change[] {
    const { objects, assembly, unprogrammed } = this.#options;
    const faults = unprogrammed();
    const changes: Change[] = [];
    for (const status of assembly()?.statuses ?? []) {
      const { apiVersion, kind, namespace, name } = status;
      const key = { group: groupOf(apiVersion), kind, namespace, name };
      const object = objects.latest(key);
      if (object === undefined) continue;
      const wanted = this.#statusOf(object, status, faults);
      if (wanted === undefined || JSON.stringify(wanted) === JSON.stringify(object.status)) continue;
      changes.push({ key, expected: Number(object.metadata.resourceVersion), object: { ...object, status: wanted } });
    }
    return changes;
  }

  /** undefined: of an object of an older generation; a newer assembly comes. */
  #statusOf(object: StoredObject, status: ObjectStatus, faults: readonly Unprogrammed[]): unknown {
    const drafts = [...status.conditions, ...status.parents.flatMap(({ conditions }) => conditions)];
    // Of a Gateway, the listeners' are of the same generation.
    const { generation } = object.metadata;
    if (drafts.some(({ observedGeneration }) => observedGeneration !== generation)) return undefined;
    const last = (conditions: readonly ConditionDraft[]): ConditionDraft =>
      programmed(
        status,
        generation,
        conditions.every(({ type, status: value }) => type !== 'Accepted' || value === 'True'),
        faults,
      );
    const before = isRecord(object.status) ? object.status : {};
    if (status.parents.length > 0 || status.kind.endsWith('Route')) {
      const held = (before as Partial<RouteStatus>).parents ?? [];
      const foreign = held.filter(({ controllerName }) => controllerName !== CONTROLLER_NAME);
      const own = status.parents.map(({ parentRef, conditions }) => {
        const earlier = held.find(
          (parent) =>
            parent.controllerName === CONTROLLER_NAME && JSON.stringify(parent.parentRef) === JSON.stringify(parentRef),
        );
        return {
          parentRef,
          controllerName: CONTROLLER_NAME,
          conditions: this.#dated([...conditions, last(conditions)], earlier?.conditions ?? []),
        };
      });
      return { ...before, parents: [...own, ...foreign] };
    }
    if (status.listeners !== undefined) return this.#gatewayStatus(before, status, last);
    const programmable = status.kind.endsWith('Policy') || PROGRAMMABLE.includes(status.kind);
    const earlier = (before as { readonly conditions?: readonly Condition[] }).conditions ?? [];
    const conditions = this.#dated(
      programmable ? [...status.conditions, last(status.conditions)] : status.conditions,
      earlier,
    );
    const phase = status.kind === 'Namespace' ? { phase: 'Active' } : {};
    // Of others' Gateways that a policy of Gateway API reaches, others write.
    const ancestors = status.ancestors?.map((ancestorRef) => ({
      ancestorRef,
      controllerName: CONTROLLER_NAME,
      conditions,
    }));
    return { ...phase, ...before, ...(ancestors === undefined ? {} : { ancestors }), conditions };
  }

  /** Programmed, of the Gateway and of each listener, is what the proxies answer, unless assembling knows already that nothing serves it. */
  #gatewayStatus(
    before: Partial<GatewayStatus>,
    { kind, conditions, addresses = [], listeners = [], attachedListenerSets }: ObjectStatus,
    last: (conditions: readonly ConditionDraft[]) => ConditionDraft,
  ): GatewayStatus {
    const whole = (own: readonly ConditionDraft[]): readonly ConditionDraft[] =>
      own.some(({ type }) => type === 'Programmed') ? own : [...own, last(own)];
    return {
      ...before,
      ...(kind === 'Gateway'
        ? { addresses: addresses.map((value) => ({ type: 'IPAddress' as const, value })), attachedListenerSets }
        : {}),
      conditions: this.#dated(whole(conditions), before.conditions ?? []),
      listeners: listeners.map((listener) => {
        const earlier = before.listeners?.find(({ name }) => name === listener.name);
        return { ...listener, conditions: this.#dated(whole(listener.conditions), earlier?.conditions ?? []) };
      }),
    };
  }

  /** A condition keeps its time while its status stays. */
  #dated(drafts: readonly ConditionDraft[], before: readonly Condition[]): Condition[] {
    const now = `${new Date(this.#options.wall.now()).toISOString().slice(0, 19)}Z`;
    return drafts.map((draft) => {
      const earlier = before.find(({ type }) => type === draft.type);
      return { ...draft, lastTransitionTime: earlier?.status === draft.status ? earlier.lastTransitionTime : now };
    });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
