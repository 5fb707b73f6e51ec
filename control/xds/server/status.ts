/** What `weft status` and the objects' conditions say of a connected client. */
import type { WallClock, MonotonicClock } from '@weft/core/kernel';
import type { Proxy } from '@weft/core/mesh-view';
import { peerAddress } from '../../server/index.ts';
import type { ResourceType, Inexpressible } from '../snapshot/index.ts';
import type { Phase, Protocol } from '../subscription/index.ts';
import type { ClientStream } from './client-stream.ts';

export interface RejectedResource {
  readonly type: ResourceType;
  readonly name: string;
  /** The version refused, and the one that the client keeps ('' when it keeps none, or one that we do not know). */
  readonly version: string;
  readonly lastGood: string;
  readonly reason: string;
  /** ms since the epoch. */
  readonly since: number;
  /** `Kind/namespace/name#path` of what it was compiled from. */
  readonly sources: readonly string[];
}

export interface TableStatus {
  readonly type: ResourceType;
  readonly phase: Phase;
  readonly since: number;
  readonly version: string;
  readonly resources: number;
}

export interface ClientStatus {
  readonly proxy: Proxy;
  readonly peer: string;
  readonly protocol: Protocol;
  /** ms since the epoch. */
  readonly connectedAt: number;
  /** The worst of its tables: rejected, stale, synced. */
  readonly phase: Exclude<Phase, 'unsubscribed'>;
  readonly since: number;
  readonly tables: readonly TableStatus[];
  readonly rejections: readonly RejectedResource[];
  /** What this client's engine cannot be told. */
  readonly inexpressible: readonly Inexpressible[];
  /** Sources of the patches that its messages get, and of those among them that find nothing to change. */
  readonly patches: readonly string[];
  readonly idlePatches: readonly string[];
}

export interface Clocks {
  readonly clock: Pick<MonotonicClock, 'now'>;
  readonly wall: WallClock;
}

/** undefined before the client's first request was accepted. */
export function statusOfStream(stream: ClientStream, { clock, wall }: Clocks): ClientStatus | undefined {
  const { proxy, subscription, session, snapshot } = stream;
  if (proxy === undefined || subscription === undefined) return undefined;
  const offset = wall.now() - clock.now();
  const types = subscription.status();
  const inexpressible = snapshot?.inexpressible ?? [];
  const withheld = inexpressible.some(({ sent }) => !sent);
  const rejected = types.filter(({ phase }) => phase === 'rejected');
  const stale = types.filter(({ phase }) => phase === 'stale');
  const phase = rejected.length > 0 || withheld ? 'rejected' : stale.length > 0 || !stream.settled ? 'stale' : 'synced';
  const deciding =
    phase === 'rejected' && rejected.length > 0 ? rejected : phase === 'stale' && stale.length > 0 ? stale : types;
  return {
    proxy,
    peer: peerAddress(session.peer),
    protocol: session.protocol,
    connectedAt: Math.round(stream.openedAt + offset),
    phase,
    since: Math.round(Math.max(stream.openedAt, ...deciding.map(({ since }) => since)) + offset),
    tables: types.map((type) => ({
      type: type.type,
      phase: type.phase,
      since: Math.round(type.since + offset),
      version: type.version,
      resources: type.resources,
    })),
    rejections: types.flatMap(({ type, rejections }) =>
      rejections.map(({ name, version, reason, since, resource, lastGood }) => ({
        type,
        name,
        version,
        lastGood: lastGood?.version ?? '',
        reason,
        since: Math.round(since + offset),
        sources: resource.sources,
      })),
    ),
    inexpressible,
    patches: snapshot?.patches ?? [],
    idlePatches: snapshot?.idle ?? [],
  };
}
