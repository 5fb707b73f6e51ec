/**
 * The xDS transport protocol of one aggregated stream, both variants, as a state machine without stream or socket: requests and
 * snapshots go in, pushes come out of `next`. Rules beyond the protocol's: one push a type awaits its answer at a time (changes meanwhile
 * coalesce), make before break (ordering.ts), a refused resource stays at its last good version while the rest goes on.
 */
import type { MonotonicClock } from '@weft/core/kernel';
import {
  RESOURCE_TYPES,
  type NameSets,
  type Resource,
  type ResourceSet,
  type ResourceType,
  type Snapshot,
} from '../snapshot/index.ts';
import { dueDelta, dueStateOfTheWorld } from './due.ts';
import { isNeeded, mustWait, mustWaitAgain, type States } from './ordering.ts';
import { isWholeSet, type Protocol, type Push } from './push.ts';
import { refuse, supersede } from './refusal.ts';
import { cleanReason, type Rejection } from './rejection.ts';
import type { DeltaRequest, RequestOutcome, StateOfTheWorldRequest } from './request.ts';
import { resume, type Memory } from './resume.ts';
import { TypeState, type Leftover, type Phase } from './type-state.ts';

export interface SubscriptionOptions extends Memory {
  readonly protocol: Protocol;
  readonly clock: Pick<MonotonicClock, 'now'>;
  readonly nameSets: NameSets;
  /** A cluster that was sent again needs its endpoints sent again before it serves (Envoy). */
  readonly rewarmsClusters: boolean;
  /** The longest that a resource waits for what it refers to, in ms. */
  readonly holdMs: number;
  /** ms after which a response without an answer no longer holds up a newer one: Envoy answers some never. */
  readonly patienceMs: number;
}

export interface TypeStatus {
  readonly type: ResourceType;
  readonly phase: Phase;
  /** Monotonic ms. */
  readonly since: number;
  /** Version of what the client acknowledged last. */
  readonly version: string;
  readonly resources: number;
  readonly rejections: readonly Rejection[];
}

const NO_NAMES: ReadonlySet<string> = new Set();

export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #states: States;
  readonly #startedAt: number;
  #snapshot: Snapshot | undefined;
  #returning = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    const state = (type: ResourceType): TypeState => new TypeState(type, options.nameSets);
    this.#states = {
      clusters: state('clusters'),
      endpoints: state('endpoints'),
      listeners: state('listeners'),
      routes: state('routes'),
    };
  }

  /** What the client is to hold from now on. */
  update(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    for (const type of RESOURCE_TYPES) {
      const { rejections } = this.#states[type];
      for (const [name, { version }] of rejections) {
        if (snapshot.tables[type].get(name)?.version !== version) rejections.delete(name);
      }
    }
  }

  stateOfTheWorld(type: ResourceType, request: StateOfTheWorldRequest): RequestOutcome {
    const state = this.#states[type];
    if (!state.started) {
      state.started = true;
      state.interest.replace(request.names);
      state.clientVersion = request.version;
      if (request.version !== '') this.#returning = true;
      if (request.version !== '' || this.#options.leftover(type)?.certain === false)
        state.resume = { kind: 'version', version: request.version };
      return { kind: 'request' };
    }
    const outdated = request.nonce !== state.lastNonce;
    if (!outdated) state.clientVersion = request.version;
    const outcome: RequestOutcome = outdated ? { kind: 'outdated' } : this.#answer(state, request.nonce, request.error);
    // An outdated request gets no answer, but it tells what the client has dropped and will want to have again.
    const added = state.interest.replace(request.names);
    if (isWholeSet(type)) for (const name of added) state.resend.add(name);
    state.narrow();
    return outcome;
  }

  delta(type: ResourceType, request: DeltaRequest): RequestOutcome {
    const state = this.#states[type];
    const first = !state.started;
    state.started = true;
    const before = state.interest.names;
    const wildcard = state.interest.wildcard;
    let outcome: RequestOutcome = { kind: 'request' };
    if (first) {
      if (request.initialVersions.size > 0) {
        this.#returning = true;
        state.resume = { kind: 'resources', versions: request.initialVersions };
      }
    } else if (request.nonce !== '') {
      outcome =
        request.nonce === state.lastNonce ? this.#answer(state, request.nonce, request.error) : { kind: 'outdated' };
    }
    state.interest.change(request.subscribe, request.unsubscribe, first);
    for (const name of request.subscribe) {
      if (name === '*') continue;
      state.unanswered.add(name);
      if (!first) state.resend.add(name);
    }
    for (const name of request.unsubscribe) {
      if (wildcard && before.has(name) && state.interest.wildcard) {
        state.resend.add(name);
        state.unanswered.add(name);
      } else {
        state.resend.delete(name);
        state.unanswered.delete(name);
      }
    }
    if (!first) state.narrow();
    return outcome;
  }

  /** The next push that is due, in the order of sending; it counts as sent from then on. undefined: nothing is due now. */
  next(): Push | undefined {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return undefined;
    // What the client holds of every type has to be known before anything is decided for one.
    for (const type of RESOURCE_TYPES) {
      const state = this.#states[type];
      if (state.resume !== undefined) resume(state, state.interest.select(snapshot.tables[type]), this.#options);
    }
    for (const type of RESOURCE_TYPES) {
      const state = this.#states[type];
      if (!state.started) continue;
      if (state.inFlight === undefined) state.releaseSuspects();
      const due = state.inFlight === undefined || this.#overdue(state) ? this.#due(state, snapshot) : undefined;
      const push = state.inFlight === undefined ? due : this.#supersede(state, state.inFlight, due);
      if (push !== undefined) this.#sent(state, push);
      this.#setPhase(state);
      if (push !== undefined) return push;
    }
    return undefined;
  }

  /** True when nothing is on its way and nothing waits, as of the last `next`. */
  get settled(): boolean {
    if (this.#snapshot === undefined) return false;
    return RESOURCE_TYPES.every((type) => {
      const { inFlight, blockedSince } = this.#states[type];
      return inFlight === undefined && blockedSince === undefined;
    });
  }

  /** Monotonic ms at which `next` is to be called again even if nothing happens. */
  get deadline(): number | undefined {
    const { holdMs, patienceMs, clock } = this.#options;
    const times = RESOURCE_TYPES.flatMap((type) => {
      const { blockedSince, inFlight, pushedAt } = this.#states[type];
      const patience = inFlight === undefined ? [] : [pushedAt + patienceMs];
      return blockedSince === undefined ? patience : [...patience, blockedSince + holdMs];
    });
    if (this.#returning) times.push(this.#startedAt + holdMs);
    const now = clock.now();
    const ahead = times.filter((time) => time > now);
    return ahead.length === 0 ? undefined : Math.min(...ahead);
  }

  status(): readonly TypeStatus[] {
    return RESOURCE_TYPES.map((type) => {
      const { phase, phaseSince, held, rejections } = this.#states[type];
      return {
        type,
        phase,
        since: phaseSince,
        version: phase === 'unsubscribed' ? '' : held.version,
        resources: held.size,
        rejections: [...rejections.values()],
      };
    });
  }

  /** Everything that the client may hold: what it acknowledged, what is on its way, what it refused. */
  possible(type: ResourceType): readonly ResourceSet[] {
    return [...this.#states[type].possible()];
  }

  /** What the client is left with if the stream ends now; undefined: nothing was learnt about this type. */
  leftover(type: ResourceType): Leftover | undefined {
    const state = this.#states[type];
    if (!state.started || state.resume !== undefined) return undefined;
    const referrer = type === 'endpoints' ? 'clusters' : type === 'routes' ? 'listeners' : type;
    const certain = state.isCertain && !state.unknown && this.#states[referrer].isCertain;
    return { certain, sets: [...state.possible()] };
  }

  #answer(state: TypeState, nonce: string, error: string | undefined): RequestOutcome {
    const push = state.inFlight;
    if (push === undefined || push.nonce !== nonce) return { kind: 'request' };
    const elapsed = this.#options.clock.now() - state.pushedAt;
    state.inFlight = undefined;
    if (error !== undefined) {
      const reason = cleanReason(error);
      const rejections = refuse(state, push, reason, this.#snapshot?.tables[state.type], this.#options.clock.now());
      return { kind: 'rejected', elapsed, rejections, reason };
    }
    const { removed, changed } = state.held.difference(push.target);
    state.acknowledge(push);
    if (isWholeSet(state.type) && removed.length + changed.length > 0) this.#dropUnreferenced(state);
    for (const name of state.unknownLastGood) if (push.target.has(name)) state.unknownLastGood.delete(name);
    return { kind: 'acknowledged', elapsed };
  }

  #overdue({ pushedAt }: TypeState): boolean {
    return this.#options.clock.now() >= pushedAt + this.#options.patienceMs;
  }

  /** `due`, made to follow `unanswered`; undefined when it says nothing new. */
  #supersede(state: TypeState, unanswered: Push, due: Push | undefined): Push | undefined {
    if (due === undefined || due.target.sameAs(unanswered.target)) return undefined;
    supersede(state, unanswered);
    const snapshot = this.#snapshot;
    return snapshot && this.#due(state, snapshot);
  }

  /** A client drops endpoints and routes that nothing it holds refers to; that it will say so may be too late. */
  #dropUnreferenced(state: TypeState): void {
    if (this.#options.protocol === 'delta' || !state.interest.wildcard) return;
    const type = state.type === 'clusters' ? 'endpoints' : 'routes';
    const referred = state.held.references(type);
    if (referred === 'unknown') return;
    this.#states[type].keepOnly((set) => {
      const dropped = [...set.resources.keys()].filter((name) => !referred.has(name));
      return set.with(new Map(dropped.map((name) => [name, undefined])));
    });
  }

  #due(state: TypeState, snapshot: Snapshot): Push | undefined {
    const base = state.interest.select(snapshot.tables[state.type]);
    const target = this.#target(state, base, snapshot);
    const blocked = state.blockedSince !== undefined && !this.#expired(state.blockedSince);
    // The first listeners are sent together: a client counts itself ready once they are there.
    if (blocked && state.type === 'listeners' && (!state.answered || state.unknown)) return undefined;
    const push = this.#options.protocol === 'delta' ? dueDelta(state, target) : dueStateOfTheWorld(state, target);
    if (state.refused?.target.sameAs(target) === true && state.resend.size === 0) {
      const hopeless = state.withheld.size === 0 && (push?.names === undefined || push.names.length === 0);
      if (hopeless) {
        state.doubtful.clear();
        return undefined;
      }
    }
    if (push === undefined) {
      state.refused = undefined;
      // The same versions: what was known by version alone is known in full from here on.
      if (state.held !== target && state.held.sameAs(target)) state.held = target;
    }
    return push;
  }

  /** What the client is to hold next: the wanted set, but for what was refused, what is still needed and what has to wait. */
  #target(state: TypeState, base: ResourceSet, snapshot: Snapshot): ResourceSet {
    const replaced = new Map<string, Resource | undefined>();
    for (const { name, version, lastGood } of state.rejections.values()) {
      if (base.get(name)?.version === version && !state.unknownLastGood.has(name)) replaced.set(name, lastGood);
    }
    const { changed, removed } = state.held.difference(base);
    const returning = this.#returning && !this.#expired(this.#startedAt);
    for (const name of removed) {
      if (isNeeded(this.#states, state.type, name, returning)) replaced.set(name, state.held.get(name));
    }
    if (state.type === 'listeners' || state.type === 'routes') {
      const waiting = changed.filter((name) => {
        const resource = base.get(name);
        return !replaced.has(name) && resource !== undefined && mustWait(this.#states, snapshot, resource);
      });
      const newer = new Set(waiting);
      const again = [...state.doubtful].filter((name) => {
        const held = state.held.get(name);
        const follows = newer.has(name);
        const stays = follows || (replaced.has(name) ? replaced.get(name) : base.get(name)) === held;
        return held !== undefined && stays && mustWaitAgain(this.#states, snapshot, held, follows);
      });
      if (waiting.length + again.length === 0) state.blockedSince = undefined;
      else state.blockedSince ??= this.#options.clock.now();
      const waits = state.blockedSince !== undefined && !this.#expired(state.blockedSince);
      if (waits) for (const name of waiting) replaced.set(name, state.held.get(name));
      state.withheld = waits && again.length > 0 ? new Set(again) : NO_NAMES;
    }
    return base.with(replaced);
  }

  #sent(state: TypeState, push: Push): void {
    const rewarmed = push.type === 'clusters' && this.#options.rewarmsClusters ? mayReplace(state, push) : [];
    state.send(push, this.#options.clock.now());
    state.doubted = state.doubtful.size === 0 ? NO_NAMES : new Set(state.doubtful);
    state.resend.clear();
    if (state.doubtful.size > 0) {
      const told = new Set([...(push.names ?? state.doubtful), ...push.removed]);
      for (const name of state.doubtful)
        if (told.has(name) || !state.interest.covers(name)) state.doubtful.delete(name);
    }
    state.unanswered.clear();
    const { endpoints } = this.#states;
    for (const name of rewarmed) {
      for (const set of push.target.get(name)?.references?.endpoints ?? []) {
        const mayHold = endpoints.started
          ? endpoints.held.has(set) || endpoints.inFlight?.target.has(set) === true || endpoints.resume !== undefined
          : this.#returning;
        if (mayHold) endpoints.resend.add(set);
      }
    }
  }

  #setPhase(state: TypeState): void {
    const phase =
      state.rejections.size > 0 || (state.refused !== undefined && state.inFlight === undefined)
        ? 'rejected'
        : state.inFlight !== undefined || state.blockedSince !== undefined
          ? 'stale'
          : 'synced';
    if (phase === state.phase) return;
    state.phase = phase;
    state.phaseSince = this.#options.clock.now();
  }

  #expired(since: number): boolean {
    return this.#options.clock.now() - since >= this.#options.holdMs;
  }
}

/**
 * Names in `push` that may replace another version with the client. That may be one that it refused: Envoy can refuse a cluster only
 * after it has begun to warm it.
 */
function mayReplace({ refused, lingering }: TypeState, { changed, target }: Push): Iterable<string> {
  if (refused === undefined && lingering.length === 0) return changed;
  const names = new Set(changed);
  for (const set of refused === undefined ? lingering : [refused.target, ...lingering]) {
    for (const name of set.difference(target).changed) names.add(name);
  }
  return names;
}
