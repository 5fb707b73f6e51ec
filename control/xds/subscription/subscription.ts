/**
 * The xDS transport protocol of one aggregated stream, both variants, as a state machine without stream or socket: requests and
 * snapshots go in, pushes come out of `next`. Rules beyond the protocol's: one push a type awaits its answer at a time (changes meanwhile
 * coalesce), make before break (ordering.ts), a refused resource stays at its last good version while the rest goes on.
 */
import type { MonotonicClock } from '@weft/core/kernel';
import {
  RESOURCE_TYPES,
  ResourceSet,
  unknownResource,
  type NameSets,
  type Resource,
  type ResourceType,
  type Snapshot,
} from '../snapshot/index.ts';
import { isNeeded, mustWait, type States } from './ordering.ts';
import { isWholeSet, type Protocol, type Push } from './push.ts';
import { blame, cleanReason, type Rejection } from './rejection.ts';
import { TypeState, type Leftover, type Phase } from './type-state.ts';

export interface SubscriptionOptions {
  readonly protocol: Protocol;
  readonly clock: Pick<MonotonicClock, 'now'>;
  readonly nameSets: NameSets;
  /** A cluster that was sent again needs its endpoints sent again before it serves (Envoy). */
  readonly rewarmsClusters: boolean;
  /** The longest that a resource waits for what it refers to, in ms. */
  readonly holdMs: number;
  /** ms after which a response without an answer no longer holds up a newer one: Envoy answers some never. */
  readonly patienceMs: number;
  /** Sets that clients were left with earlier in this process, by version. */
  readonly recall: (type: ResourceType, version: string) => ResourceSet | undefined;
  /** Of this client's last stream in this process. */
  readonly leftover: (type: ResourceType) => Leftover | undefined;
}

/** DiscoveryRequest without node and type. */
export interface StateOfTheWorldRequest {
  readonly version: string;
  readonly names: readonly string[];
  readonly nonce: string;
  /** error_detail.message; undefined: an ACK or a mere request. */
  readonly error: string | undefined;
}

/** DeltaDiscoveryRequest without node and type. */
export interface DeltaRequest {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly initialVersions: ReadonlyMap<string, string>;
  readonly nonce: string;
  readonly error: string | undefined;
}

export type RequestOutcome =
  | { readonly kind: 'request' }
  /** A nonce that is not the last one: the answer to what came later follows. */
  | { readonly kind: 'outdated' }
  /** `elapsed` ms after it was sent. */
  | { readonly kind: 'acknowledged'; readonly elapsed: number }
  | {
      readonly kind: 'rejected';
      readonly elapsed: number;
      readonly rejections: readonly Rejection[];
      readonly reason: string;
    };

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

const NOTHING: readonly string[] = [];
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
    this.#narrow(state);
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
    if (!first) this.#narrow(state);
    return outcome;
  }

  /** The next push that is due, in the order of sending; it counts as sent from then on. undefined: nothing is due now. */
  next(): Push | undefined {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return undefined;
    // What the client holds of every type has to be known before anything is decided for one.
    for (const type of RESOURCE_TYPES) {
      const state = this.#states[type];
      if (state.resume !== undefined) this.#resume(state, state.interest.select(snapshot.tables[type]));
    }
    for (const type of RESOURCE_TYPES) {
      const state = this.#states[type];
      if (!state.started) continue;
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
      const patience = inFlight === undefined || clock.now() >= pushedAt + patienceMs ? [] : [pushedAt + patienceMs];
      return blockedSince === undefined ? patience : [...patience, blockedSince + holdMs];
    });
    const grace = this.#startedAt + holdMs;
    if (this.#returning && clock.now() < grace) times.push(grace);
    return times.length === 0 ? undefined : Math.min(...times);
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
    if (error !== undefined) return this.#refuse(state, push, cleanReason(error), elapsed);
    const { removed, changed } = state.held.difference(push.target);
    state.acknowledge(push);
    if (isWholeSet(state.type) && removed.length + changed.length > 0) this.#dropUnreferenced(state);
    for (const name of state.unknownLastGood) if (push.target.has(name)) state.unknownLastGood.delete(name);
    return { kind: 'acknowledged', elapsed };
  }

  #refuse(state: TypeState, push: Push, reason: string, elapsed: number): RequestOutcome {
    const { names, certain } = blame(push, reason);
    const rejections: Rejection[] = [];
    for (const name of names) {
      const resource = push.target.get(name);
      if (resource === undefined) continue;
      const { version } = resource;
      const since = this.#options.clock.now();
      rejections.push({ name, version, reason, since, resource, lastGood: state.held.get(name) });
    }
    const wanted = this.#snapshot?.tables[state.type];
    for (const rejection of rejections) {
      // When the last good version is refused too, the refusal of the wanted one stands.
      const before = state.rejections.get(rejection.name);
      const stands = before !== undefined && before.version === wanted?.get(rejection.name)?.version;
      if (!stands) state.rejections.set(rejection.name, rejection);
    }
    this.#doubt(state, push, names, certain);
    state.refused = push;
    const refused = certain ? names.filter((name) => !state.doubted.has(name)) : [];
    state.linger(push.target.with(new Map(refused.map((name) => [name, state.held.get(name)]))));
    if (state.unknown && isWholeSet(state.type)) {
      // Clients take what is right of a whole set (Envoy, gRPC). What is wrong stays in it: without it they would drop the older one.
      state.held = push.target.with(new Map(rejections.map(({ name }) => [name, undefined])));
      state.unknown = false;
      state.doubtful.clear();
      for (const { name } of rejections) state.unknownLastGood.add(name);
    }
    return { kind: 'rejected', elapsed, rejections, reason };
  }

  /** Notes what the client may have taken of a response that it did not acknowledge. */
  #doubt(state: TypeState, push: Push, blamed: readonly string[], certain: boolean): void {
    const { changed, removed } = state.held.difference(push.target);
    const told = push.names?.length === 0 ? [] : push.removed;
    for (const name of [...changed, ...removed, ...(push.names ?? []), ...told]) {
      const refusedAsHeld = push.target.get(name)?.version === state.held.get(name)?.version;
      const doubted = !certain || state.doubted.has(name);
      if (!blamed.includes(name) || (doubted && !refusedAsHeld)) state.doubtful.add(name);
    }
  }

  #overdue({ pushedAt }: TypeState): boolean {
    return this.#options.clock.now() >= pushedAt + this.#options.patienceMs;
  }

  /** `due`, made to follow `unanswered`; undefined when it says nothing new. */
  #supersede(state: TypeState, unanswered: Push, due: Push | undefined): Push | undefined {
    if (due === undefined || due.target.sameAs(unanswered.target)) return undefined;
    this.#doubt(state, unanswered, [], true);
    state.superseded++;
    state.linger(unanswered.target);
    state.inFlight = undefined;
    const snapshot = this.#snapshot;
    return snapshot && this.#due(state, snapshot);
  }

  /** Forgets what the client no longer asks for. */
  #narrow(state: TypeState): void {
    const { wildcard, names } = state.interest;
    if (!wildcard) state.keepOnly((set) => set.only(names));
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

  #resume(state: TypeState, base: ResourceSet): void {
    const { resume } = state;
    state.resume = undefined;
    if (resume === undefined) return;
    if (resume.kind === 'version') {
      this.#resumeVersion(state, base, resume.version);
      return;
    }
    const { versions } = resume;
    const covered = [...versions].filter(([name]) => state.interest.covers(name));
    const sets = [base, ...(this.#options.leftover(state.type)?.sets ?? [])];
    const held = covered.map(([name, version]) => {
      const known = sets.find((set) => set.get(name)?.version === version);
      return known?.get(name) ?? unknownResource(name, version);
    });
    const same = covered.length === base.size && held.every((resource) => base.get(resource.name) === resource);
    state.held = same ? base : ResourceSet.of(held);
    state.answered = true;
  }

  #resumeVersion(state: TypeState, base: ResourceSet, version: string): void {
    const { recall, leftover } = this.#options;
    const last = leftover(state.type);
    const certain = last === undefined || last.certain;
    const known = version === base.version ? base : recall(state.type, version);
    state.held = known ?? ResourceSet.EMPTY;
    state.unknown = known === undefined && version !== '';
    state.answered = known !== undefined && certain;
    if (!certain) {
      // It may hold less or more than it says: all of it is sent, and nothing that it may refer to is removed before.
      state.lingering = [...last.sets];
      for (const set of [state.held, base, ...last.sets])
        for (const name of set.resources.keys()) state.doubtful.add(name);
    }
    this.#narrow(state);
  }

  #due(state: TypeState, snapshot: Snapshot): Push | undefined {
    const base = state.interest.select(snapshot.tables[state.type]);
    const target = this.#target(state, base, snapshot);
    const blocked = state.blockedSince !== undefined && !this.#expired(state.blockedSince);
    // The first listeners are sent together: a client counts itself ready once they are there.
    if (blocked && state.type === 'listeners' && (!state.answered || state.unknown)) return undefined;
    const push = this.#options.protocol === 'delta' ? this.#delta(state, target) : this.#stateOfTheWorld(state, target);
    if (state.refused?.target.sameAs(target) === true && state.resend.size === 0) {
      const hopeless = push?.names === undefined || push.names.length === 0;
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
      if (waiting.length === 0) state.blockedSince = undefined;
      else state.blockedSince ??= this.#options.clock.now();
      if (state.blockedSince !== undefined && !this.#expired(state.blockedSince)) {
        for (const name of waiting) replaced.set(name, state.held.get(name));
      }
    }
    return base.with(replaced);
  }

  #stateOfTheWorld(state: TypeState, target: ResourceSet): Push | undefined {
    const { changed, removed } = state.held.difference(target);
    const again = toSendAgain(state);
    if (isWholeSet(state.type)) {
      const corrects = state.refused !== undefined && !state.refused.target.sameAs(target);
      const due = !state.answered || corrects || changed.length > 0 || removed.length > 0 || again.size > 0;
      return due ? this.#push(state, target, undefined, NOTHING, changed) : undefined;
    }
    const names = union(changed, again, target);
    // Nothing to say but the version: without it a client that comes back would not be recognised as being up to date.
    const carrier =
      state.clientVersion !== '' &&
      state.clientVersion !== target.version &&
      state.lastNonce.split('.', 1)[0] !== target.version;
    if (names.length === 0 && !carrier) {
      state.resend.clear();
      return undefined;
    }
    return this.#push(state, target, names, NOTHING, changed);
  }

  #delta(state: TypeState, target: ResourceSet): Push | undefined {
    const difference = state.held.difference(target);
    const names = union(difference.changed, toSendAgain(state), target);
    const absent = [...state.unanswered, ...state.doubtful].filter(
      (name) => !target.has(name) && !difference.removed.includes(name),
    );
    const removed = absent.length === 0 ? difference.removed : [...difference.removed, ...absent].sort();
    const empty = names.length === 0 && removed.length === 0;
    if (empty && (state.answered || !state.interest.wildcard)) {
      state.resend.clear();
      state.unanswered.clear();
      return undefined;
    }
    return this.#push(state, target, names, removed, difference.changed);
  }

  #push(
    state: TypeState,
    target: ResourceSet,
    names: readonly string[] | undefined,
    removed: readonly string[],
    changed: readonly string[],
  ): Push {
    const { type } = state;
    const { protocol } = this.#options;
    const nonce = state.nonce(target.version);
    const again = names === changed ? '' : names === undefined ? '*' : names.join('\n');
    const gone = removed.length === 0 ? '' : removed.join('\n');
    const key = [protocol, type, state.held.version, target.version, nonce, again, gone].join('|');
    return { type, protocol, nonce, target, names, removed, changed, key };
  }

  #sent(state: TypeState, push: Push): void {
    state.send(push, this.#options.clock.now());
    state.doubted = state.doubtful.size === 0 ? NO_NAMES : new Set(state.doubtful);
    state.resend.clear();
    for (const name of state.doubtful) {
      const certain = push.names === undefined || push.names.includes(name) || push.removed.includes(name);
      if (certain || !state.interest.covers(name)) state.doubtful.delete(name);
    }
    state.unanswered.clear();
    if (push.type !== 'clusters' || !this.#options.rewarmsClusters) return;
    const { endpoints } = this.#states;
    for (const name of push.changed) {
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

const toSendAgain = ({ resend, doubtful }: TypeState): ReadonlySet<string> =>
  doubtful.size === 0 ? resend : new Set([...resend, ...doubtful]);

/** `changed` itself when nothing is to be sent again, so that equal streams share one list. */
function union(changed: readonly string[], again: ReadonlySet<string>, target: ResourceSet): readonly string[] {
  if (again.size === 0) return changed;
  const more = [...again].filter((name) => {
    const resource = target.get(name);
    return resource !== undefined && resource.body.length > 0 && !changed.includes(name);
  });
  return more.length === 0 ? changed : [...changed, ...more].sort();
}
