/** What a stream knows of one resource type: what the client asks for, holds, has been sent and has refused. */
import { NameSet, ResourceSet, type NameSets, type ResourceType } from '../snapshot/index.ts';
import { Interest } from './interest.ts';
import type { Push } from './push.ts';
import type { Rejection } from './rejection.ts';

/** synced: holds all it should; stale: something is on its way or waits; rejected: it refused something that is still wanted. */
export type Phase = 'unsubscribed' | 'synced' | 'stale' | 'rejected';

/** What a client was left with when its last stream ended. */
export interface Leftover {
  /** False: responses were under way or refused, so that the version it states may not be what it holds. */
  readonly certain: boolean;
  /** All that it may hold. */
  readonly sets: readonly ResourceSet[];
}

/** version_info (state of the world) or initial_resource_versions (delta). */
export type Resume =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'resources'; readonly versions: ReadonlyMap<string, string> };

/** Of so many refused or unanswered responses parts are taken to be held; a client that takes none of more is not worth more. */
const LINGERING = 8;

export class TypeState {
  readonly type: ResourceType;
  readonly interest: Interest;
  /** A request of this type has come on this stream. */
  started = false;
  /** Something of this type was sent, or did not need to be. */
  answered = false;
  /** What the client said to hold in its first request, until it has been compared with the first snapshot. */
  resume: Resume | undefined;
  /** What the client acknowledged last. */
  held = ResourceSet.EMPTY;
  /** The client holds things of which we know nothing: state of the world, back after our restart. Ends with the first ACK. */
  unknown = false;
  /** Awaiting ACK or NACK; at most one. */
  inFlight: Push | undefined;
  /** What that push makes of a client that still asks for all of it, or does so again before the push arrives. */
  #sent = ResourceSet.EMPTY;
  /** Monotonic ms of the last push. */
  pushedAt = 0;
  /** The last response, if it was refused. */
  refused: Push | undefined;
  /** Responses since the last ACK that were never answered and went out of date. */
  superseded = 0;
  /** What the client may hold in part beside all this, until it acknowledges something. */
  lingering: ResourceSet[] = [];
  lastNonce = '';
  /** version_info as the client has it. */
  clientVersion = '';
  /** Names to be sent although the client holds them: subscribed again, or its cluster was sent again. */
  readonly resend = new Set<string>();
  /** Names in the refused response that the client may have taken or dropped: they are made certain by sending them again. */
  readonly doubtful = new Set<string>();
  /** Those of them that wait for what they refer to before they are sent again. */
  withheld: ReadonlySet<string> = new Set();
  /** Those of the doubtful that the push in flight makes certain, if it is accepted. */
  doubted: ReadonlySet<string> = new Set();
  /** Delta: names asked for, to be answered as removed when there is no such resource. */
  readonly unanswered = new Set<string>();
  readonly rejections = new Map<string, Rejection>();
  /** Refused only because they stood in a response whose refusal named nobody; tried again in parts until the culprit is alone. */
  readonly suspects = new Set<string>();
  /** Of the suspects so many go into the next response. */
  #part = 0;
  /** Names refused of which the client may hold an older version that we do not know; ends when it acknowledges one. */
  readonly unknownLastGood = new Set<string>();
  /** Monotonic ms since a resource has been waiting for what it refers to. */
  blockedSince: number | undefined;
  /** As shown; kept up to date by the Subscription. */
  phase: Phase = 'unsubscribed';
  /** Monotonic ms. */
  phaseSince = 0;

  constructor(type: ResourceType, nameSets: NameSets) {
    this.type = type;
    this.interest = new Interest(type, nameSets);
  }

  /** Everything the client may hold now. */
  *possible(): Iterable<ResourceSet> {
    yield* this.whole();
    yield* this.lingering;
  }

  /** Those of `possible` that the client holds as a whole if it holds them: that a name is not in one says that it may not be there. */
  *whole(): Iterable<ResourceSet> {
    yield this.held;
    if (this.inFlight === undefined) return;
    yield this.inFlight.target;
    if (this.#sent !== this.inFlight.target) yield this.#sent;
  }

  /** Names of `type` that anything the client may hold refers to. */
  mayRefer(type: ResourceType, name: string): boolean {
    if (this.unknown && (this.interest.wildcard || this.interest.names.size > 0)) return true;
    for (const set of this.possible()) {
      const names = set.references(type);
      if (names === 'unknown' || names.has(name)) return true;
    }
    return false;
  }

  /** The client no longer has any but what `kept` leaves. */
  keepOnly(kept: (set: ResourceSet) => ResourceSet): void {
    this.held = kept(this.held);
    if (this.lingering.length > 0) this.lingering = this.lingering.map(kept).filter(({ size }) => size > 0);
    if (this.inFlight === undefined) return;
    const target = kept(this.inFlight.target);
    if (target !== this.inFlight.target) this.inFlight = { ...this.inFlight, target };
  }

  send(push: Push, now: number): void {
    this.inFlight = push;
    this.#sent = push.target;
    this.pushedAt = now;
    this.lastNonce = push.nonce;
    this.answered = true;
  }

  /** The push in flight was taken. Names stay in doubt that it did not make certain. */
  acknowledge({ target }: Push): void {
    // Given up while it was under way, and perhaps asked for again before it arrived.
    const regained = [...this.#sent.resources.keys()].filter((name) => this.#sent !== target && !target.has(name));
    for (const name of regained) this.doubtful.add(name);
    const sets = regained.length === 0 ? this.lingering : [...this.lingering, this.#sent];
    const doubtful = NameSet.of(this.doubtful);
    this.lingering = sets.map((set) => set.only(doubtful)).filter(({ size }) => size > 0);
    this.held = target;
    this.inFlight = undefined;
    this.unknown = false;
    this.refused = undefined;
    this.superseded = 0;
  }

  /** A refusal that named none of `names`: half of them next. */
  suspect(names: readonly string[]): void {
    for (const name of names) this.suspects.add(name);
    this.#part = Math.ceil(names.length / 2);
  }

  /** Lets the next part of the suspects be sent again. */
  releaseSuspects(): void {
    const part = [...this.suspects].slice(0, this.#part);
    for (const name of part) {
      this.suspects.delete(name);
      this.rejections.delete(name);
    }
  }

  /** The client may hold parts of `set`. */
  linger(set: ResourceSet): void {
    if (set.size === 0 || set.sameAs(this.held)) return;
    this.lingering.push(set);
    if (this.lingering.length > LINGERING) this.lingering.shift();
  }

  /** Forgets what the client no longer asks for. */
  narrow(): void {
    const { wildcard, names } = this.interest;
    if (!wildcard) this.keepOnly((set) => set.only(names));
  }

  /** What was sent has been answered, and what the client states is what it holds. */
  get isCertain(): boolean {
    const consistent = this.clientVersion === '' || this.clientVersion === this.held.version;
    return this.inFlight === undefined && this.refused === undefined && this.lingering.length === 0 && consistent;
  }

  /** A nonce that no response has which is not answered for certain; mostly the version itself. */
  nonce(version: string): string {
    const [last, repeat] = this.lastNonce.split('.');
    if (last === version) return `${version}.${Number(repeat ?? 0) + 1}`;
    return this.superseded === 0 ? version : `${version}.${this.superseded}`;
  }
}
