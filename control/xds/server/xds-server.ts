/**
 * The control plane's xDS v3 server, without sockets: sessions are opened on it, configurations come from a ConfigSource, statuses go
 * out. One for the whole control plane; what streams have in common (encoded rows, whole responses, decoded requests) is shared here.
 */
import type { MonotonicClock, Timer, WallClock } from '@weft/core/kernel';
import type { Peer } from '../../server/index.ts';
import { statusOf, wireMessage, type StreamError } from '../errors.ts';
import { NameSets, SnapshotEncoder, type RowEncoders } from '../snapshot/index.ts';
import { ClientStream, type Shared } from './client-stream.ts';
import { FlowControl } from './flow-control.ts';
import { DEFAULT_LIMITS, type XdsLimits } from './limits.ts';
import type { ConfigSource, ResolveProxy, XdsObserver, XdsSession, XdsStream } from './ports.ts';
import { PushQueue } from './push-queue.ts';
import { RememberedSets } from './remembered-sets.ts';
import { RequestReader } from './requests.ts';
import { ResponseEncoder } from './responses.ts';
import { statusOfStream, type ClientStatus } from './status.ts';

export interface XdsServerOptions {
  readonly source: ConfigSource;
  readonly resolveProxy: ResolveProxy;
  readonly encoders: RowEncoders;
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  readonly observer?: XdsObserver;
  readonly limits?: Partial<XdsLimits>;
  /** control_plane.identifier in responses; '' leaves it out. */
  readonly controlPlane?: string;
  /** Runs its argument after what is ready now; `setImmediate` unless a test says otherwise. */
  readonly defer?: (run: () => void) => void;
}

export type StatusListener = (status: ClientStatus, connected: boolean) => void;

/** ms within which changes of status are told together. */
const STATUS_DELAY = 100;

export class XdsServer {
  readonly #options: XdsServerOptions;
  readonly #limits: XdsLimits;
  readonly #shared: Shared;
  readonly #queue: PushQueue<ClientStream>;
  readonly #streams = new Map<ClientStream, string>();
  readonly #byAccount = new WeakMap<object, ClientStream>();
  readonly #perPeer = new Map<string, number>();
  readonly #listeners = new Set<StatusListener>();
  readonly #changed = new Set<ClientStream>();
  readonly #waits = new Set<Wait>();
  #statusTimer: Timer | undefined;
  #stopped = false;

  constructor(options: XdsServerOptions) {
    const { clock, source, resolveProxy, encoders } = options;
    const limits: XdsLimits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#options = options;
    this.#limits = limits;
    const flow = new FlowControl(
      limits,
      clock,
      (account) => this.#byAccount.get(account)?.end('limit', 'the client does not read'),
      () => this.#queue.wake(),
    );
    this.#queue = new PushQueue<ClientStream>({
      clock,
      sliceMs: limits.sliceMs,
      mayWork: () => flow.hasRoom,
      work: (stream) => this.#work(stream),
      defer: options.defer ?? ((run) => void setImmediate(run)),
    });
    this.#shared = {
      clock,
      limits,
      observer: options.observer ?? {},
      source,
      resolveProxy,
      requests: new RequestReader(limits),
      responses: new ResponseEncoder(options.controlPlane ?? '', limits.responseCacheBytes, clock),
      snapshots: new SnapshotEncoder(encoders),
      nameSets: new NameSets(),
      remembered: new RememberedSets(),
      flow,
      enqueue: (stream) => this.#queue.add(stream),
      changed: (stream) => this.#statusChanged(stream),
      ended: (stream) => this.#ended(stream),
    };
  }

  /** Takes a new stream on, or closes the session at once when there are too many. */
  open(session: XdsSession): XdsStream {
    const { observer } = this.#shared;
    const peer = peerKey(session.peer);
    const ofPeer = peer === undefined ? 0 : (this.#perPeer.get(peer) ?? 0);
    const error: StreamError | undefined = this.#stopped
      ? { code: 'shutting-down', message: 'the control plane is shutting down' }
      : this.#streams.size >= this.#limits.streams
        ? { code: 'limit', message: 'too many streams' }
        : ofPeer >= this.#limits.streamsPerPeer
          ? { code: 'limit', message: 'too many streams of one peer' }
          : undefined;
    if (error !== undefined) {
      observer.opened?.(session.peer, session.protocol);
      observer.closed?.(session.peer, '', error);
      session.close(statusOf(error), wireMessage(error));
      return { receive: () => {}, closed: () => {} };
    }
    const stream = new ClientStream(session, this.#shared);
    this.#streams.set(stream, peer ?? '');
    this.#byAccount.set(stream.account, stream);
    if (peer !== undefined) this.#perPeer.set(peer, ofPeer + 1);
    observer.opened?.(session.peer, session.protocol);
    return stream;
  }

  /** Every client that was accepted, in the order of connecting; a proxy that came back may still have its old stream here. */
  clients(): readonly ClientStatus[] {
    return [...this.#streams.keys()].flatMap((stream) => statusOfStream(stream, this.#options) ?? []);
  }

  /** Tells of every client whose status may have changed, 0.1 s late at most, and once more with `connected` false when it is gone. */
  onStatus(listener: StatusListener): { close(): void } {
    this.#listeners.add(listener);
    return { close: () => void this.#listeners.delete(listener) };
  }

  /**
   * True as soon as every client connected now holds what it has been given up to now (or has refused it, or is gone), false after
   * `timeoutMs`. Only counts configurations that the ConfigSource has handed out.
   */
  converged(timeoutMs: number): Promise<boolean> {
    const streams = new Set(
      [...this.#streams.keys()].filter((stream) => stream.proxy !== undefined && !stream.settled),
    );
    if (streams.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const wait: Wait = {
        streams,
        done: (converged) => {
          this.#waits.delete(wait);
          timer.cancel();
          resolve(converged);
        },
      };
      const timer = this.#options.clock.after(timeoutMs, () => wait.done(false));
      this.#waits.add(wait);
    });
  }

  /** Ends every stream; the clients keep what they have and come back elsewhere or later. Idempotent. */
  stop(): void {
    this.#stopped = true;
    for (const stream of this.#streams.keys()) stream.end('shutting-down', 'the control plane is shutting down');
    this.#statusTimer?.cancel();
    this.#shared.flow.stop();
    this.#shared.responses.stop();
    for (const wait of this.#waits) wait.done(false);
  }

  #work(stream: ClientStream): void {
    try {
      stream.flush();
    } catch (error) {
      stream.end('internal', error instanceof Error ? (error.stack ?? error.message) : 'unknown');
    }
    if (stream.settled) this.#settled(stream);
  }

  #settled(stream: ClientStream): void {
    for (const wait of this.#waits) {
      wait.streams.delete(stream);
      if (wait.streams.size === 0) wait.done(true);
    }
  }

  #statusChanged(stream: ClientStream): void {
    if (this.#listeners.size === 0) return;
    this.#changed.add(stream);
    this.#statusTimer ??= this.#options.clock.after(STATUS_DELAY, () => {
      this.#statusTimer = undefined;
      const streams = [...this.#changed];
      this.#changed.clear();
      for (const each of streams) if (this.#streams.has(each)) this.#tell(each, true);
    });
  }

  #tell(stream: ClientStream, connected: boolean): void {
    const status = statusOfStream(stream, this.#options);
    if (status !== undefined) for (const listener of this.#listeners) listener(status, connected);
  }

  #ended(stream: ClientStream): void {
    const peer = this.#streams.get(stream);
    this.#streams.delete(stream);
    this.#queue.delete(stream);
    this.#changed.delete(stream);
    if (peer !== undefined && peer !== '') {
      const left = (this.#perPeer.get(peer) ?? 1) - 1;
      if (left === 0) this.#perPeer.delete(peer);
      else this.#perPeer.set(peer, left);
    }
    this.#settled(stream);
    this.#tell(stream, false);
  }
}

interface Wait {
  readonly streams: Set<ClientStream>;
  readonly done: (converged: boolean) => void;
}

/** By registration; without one by IP address. The local socket is this user: undefined. */
function peerKey(peer: Peer): string | undefined {
  if (peer.kind === 'local') return undefined;
  return peer.identity?.registration ?? peer.address.slice(0, peer.address.lastIndexOf(':'));
}
