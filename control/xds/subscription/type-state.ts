/** What a stream knows of one resource type: what the client asks for, holds, has been sent and has refused. */
import { ResourceSet, type NameSets, type ResourceType } from '../snapshot/index.ts';
import { Interest } from './interest.ts';
import type { Push } from './push.ts';
import type { Rejection } from './rejection.ts';

/** synced: holds all it should; stale: something is on its way or waits; rejected: it refused something that is still wanted. */
export type Phase = 'unsubscribed' | 'synced' | 'stale' | 'rejected';

/** version_info (state of the world) or initial_resource_versions (delta). */
export type Resume =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'resources'; readonly versions: ReadonlyMap<string, string> };

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
  /** Monotonic ms of the last push. */
  pushedAt = 0;
  /** The last response, if it was refused: the client may have taken parts of it. */
  refused: Push | undefined;
  /** Responses since the last ACK that were never answered and went out of date. */
  superseded: Push[] = [];
  lastNonce = '';
  /** version_info as the client has it. */
  clientVersion = '';
  /** Names to be sent although the client holds them: subscribed again, or its cluster was sent again. */
  readonly resend = new Set<string>();
  /** Names in the refused response that the client may have taken or dropped: they are made certain by sending them again. */
  readonly doubtful = new Set<string>();
  /** Those of them that the push in flight makes certain, if it is accepted. */
  doubted: ReadonlySet<string> = new Set();
  /** Delta: names asked for, to be answered as removed when there is no such resource. */
  readonly unanswered = new Set<string>();
  readonly rejections = new Map<string, Rejection>();
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
    yield this.held;
    if (this.inFlight !== undefined) yield this.inFlight.target;
    if (this.refused !== undefined) yield this.refused.target;
    for (const push of this.superseded) yield push.target;
  }

  /** Names of `type` that anything the client may hold refers to. */
  mayRefer(type: ResourceType, name: string): boolean {
    if (this.unknown) return true;
    for (const set of this.possible()) {
      const names = set.references(type);
      if (names === 'unknown' || names.has(name)) return true;
    }
    return false;
  }

  /** A nonce that no response has which is not answered for certain; mostly the version itself. */
  nonce(version: string): string {
    const [last, repeat] = this.lastNonce.split('.');
    if (last === version) return `${version}.${Number(repeat ?? 0) + 1}`;
    return this.superseded.length === 0 ? version : `${version}.${this.superseded.length}`;
  }
}
