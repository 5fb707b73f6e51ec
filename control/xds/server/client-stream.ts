/**
 * One client's stream: reads its requests, binds it to a proxy with the first, feeds its subscription and sends what is due. Everything
 * that streams share is in `Shared`; nothing here knows what carries the bytes.
 */
import { formatDiagnostic, type MonotonicClock, type Timer } from '@weft/core/kernel';
import type { Proxy } from '@weft/core/mesh-view';
import type { PatchedConfig } from '@weft/core/proxy-config';
import { statusOf, wireMessage, type StreamError, type StreamErrorCode } from '../errors.ts';
import {
  RESOURCE_TYPES,
  resourceTypeOf,
  type NameSets,
  type Snapshot,
  type SnapshotEncoder,
} from '../snapshot/index.ts';
import { Subscription, type RequestOutcome } from '../subscription/index.ts';
import type { Account, FlowControl } from './flow-control.ts';
import { RateLimit, type XdsLimits } from './limits.ts';
import { readNode } from './node.ts';
import type { ConfigSource, ConfigSubscription, ResolveProxy, XdsObserver, XdsSession, XdsStream } from './ports.ts';
import type { RememberedSets } from './remembered-sets.ts';
import type { Request, RequestReader } from './requests.ts';
import type { ResponseEncoder } from './responses.ts';

export interface Shared {
  readonly clock: MonotonicClock;
  readonly limits: XdsLimits;
  readonly observer: XdsObserver;
  readonly source: ConfigSource;
  readonly resolveProxy: ResolveProxy;
  readonly requests: RequestReader;
  readonly responses: ResponseEncoder;
  readonly snapshots: SnapshotEncoder;
  readonly nameSets: NameSets;
  readonly remembered: RememberedSets;
  readonly flow: FlowControl;
  /** The stream may have something to send. */
  readonly enqueue: (stream: ClientStream) => void;
  /** Its status may have changed. */
  readonly changed: (stream: ClientStream) => void;
  readonly ended: (stream: ClientStream) => void;
}

export class ClientStream implements XdsStream {
  readonly session: XdsSession;
  readonly account: Account;
  /** Monotonic ms. */
  readonly openedAt: number;
  readonly #shared: Shared;
  readonly #rate: RateLimit;
  readonly #unserved = new Set<string>();
  #node = '';
  #proxy: Proxy | undefined;
  #subscription: Subscription | undefined;
  #source: ConfigSubscription | undefined;
  #config: PatchedConfig | undefined;
  #applied: { readonly config: PatchedConfig; readonly snapshot: Snapshot } | undefined;
  /** Monotonic ms since the client lacks something. */
  #behindSince: number | undefined;
  #timer: Timer | undefined;
  /** Monotonic ms. */
  #timerAt = 0;
  #over = false;

  constructor(session: XdsSession, shared: Shared) {
    this.session = session;
    this.#shared = shared;
    this.account = shared.flow.open();
    this.openedAt = shared.clock.now();
    const { requestBurst, requestsPerSecond, identifyMs } = shared.limits;
    this.#rate = new RateLimit(requestBurst, requestsPerSecond, this.openedAt);
    this.#timer = shared.clock.after(identifyMs, () => this.end('limit', 'no request came'));
  }

  /** undefined until the first request was accepted. */
  get proxy(): Proxy | undefined {
    return this.#proxy;
  }

  get subscription(): Subscription | undefined {
    return this.#subscription;
  }

  get snapshot(): Snapshot | undefined {
    return this.#applied?.snapshot;
  }

  /** True when the client holds all it asked for of the newest configuration that it was given. */
  get settled(): boolean {
    return this.#behindSince === undefined && this.#config === undefined && this.#subscription?.settled === true;
  }

  /** Never throws: a defect of ours ends this stream and no other. */
  receive(bytes: Uint8Array): void {
    if (this.#over) return;
    try {
      this.#receive(bytes);
    } catch (error) {
      this.end('internal', error instanceof Error ? (error.stack ?? error.message) : 'unknown');
    }
  }

  #receive(bytes: Uint8Array): void {
    const { clock, requests, enqueue } = this.#shared;
    if (!this.#rate.take(clock.now())) return this.end('limit', 'too many requests');
    const request = requests.read(this.session.protocol, bytes);
    if (!request.ok) return this.end('invalid-request', request.error);
    const subscription = this.#subscription ?? this.#identify(request.value);
    if (subscription === undefined) return;
    if (request.value.node !== undefined && request.value.node.id !== this.#node)
      return this.end('invalid-request', 'the node id changed within the stream');
    this.#handle(subscription, request.value);
    enqueue(this);
  }

  closed(): void {
    this.#finish(undefined);
  }

  end(code: StreamErrorCode, message: string): void {
    const error: StreamError = { code, message };
    if (this.#over) return;
    this.#finish(error);
    this.session.close(statusOf(error), wireMessage(error));
  }

  /** Sends what is due, as far as there is room. */
  flush(): void {
    const subscription = this.#subscription;
    if (this.#over || subscription === undefined) return;
    const { clock, observer, flow, responses, changed, enqueue } = this.#shared;
    this.#apply(subscription);
    for (;;) {
      if (!flow.hasRoom) return enqueue(this);
      const push = subscription.next();
      if (push === undefined) break;
      this.#behindSince ??= clock.now();
      const { bytes, resources } = responses.encode(push);
      flow.sent(this.account, bytes.length);
      observer.pushed?.(push.type, resources, bytes.length);
      this.session.send(bytes, () => flow.flushed(this.account, bytes.length));
    }
    if (this.#behindSince !== undefined && subscription.settled) {
      observer.converged?.(clock.now() - this.#behindSince);
      this.#behindSince = undefined;
    }
    this.#wakeLater(subscription);
    changed(this);
  }

  /** Encodes the newest configuration, here and not when it comes: several changes in a row are one. */
  #apply(subscription: Subscription): void {
    const config = this.#config;
    const proxy = this.#proxy;
    if (config === undefined || proxy === undefined) return;
    this.#config = undefined;
    const snapshot = this.#shared.snapshots.snapshot(config, proxy.engine, this.#applied?.config);
    this.#applied = { config, snapshot };
    subscription.update(snapshot);
  }

  #identify(request: Request): Subscription | undefined {
    const { node } = request;
    const { clock, limits, nameSets, remembered, observer, source, resolveProxy, enqueue } = this.#shared;
    if (node === undefined) {
      this.end('invalid-request', 'the first request of a stream has no node');
      return undefined;
    }
    this.#node = node.id;
    const claim = readNode(node);
    if (!claim.ok) {
      this.end('invalid-request', claim.error.map(formatDiagnostic).join('; '));
      return undefined;
    }
    const proxy = resolveProxy(claim.value, this.session.peer);
    if (!proxy.ok) {
      this.end('foreign-node', proxy.error);
      return undefined;
    }
    this.#proxy = proxy.value;
    this.#timer?.cancel();
    this.#timer = undefined;
    const subscription = new Subscription({
      protocol: this.session.protocol,
      clock,
      nameSets,
      rewarmsClusters: proxy.value.engine.name === 'envoy',
      holdMs: limits.holdMs,
      patienceMs: limits.patienceMs,
      recall: (type, version) => remembered.find(type, version),
      leftover: (type) => remembered.leftover(proxy.value.id, type),
    });
    this.#subscription = subscription;
    observer.identified?.(proxy.value, this.session.peer);
    this.#source = source.subscribe(proxy.value, (config) => {
      if (this.#over) return;
      this.#config = config;
      this.#behindSince ??= clock.now();
      enqueue(this);
    });
    return subscription;
  }

  #handle(subscription: Subscription, request: Request): void {
    const { observer } = this.#shared;
    const type = resourceTypeOf(request.typeUrl);
    if (type === undefined) {
      if (this.#unserved.size < 16 && !this.#unserved.has(request.typeUrl)) {
        this.#unserved.add(request.typeUrl);
        observer.unserved?.(request.typeUrl);
      }
      return;
    }
    const outcome: RequestOutcome =
      request.protocol === 'delta'
        ? subscription.delta(type, request.body)
        : subscription.stateOfTheWorld(type, request.body);
    if (outcome.kind === 'acknowledged' || outcome.kind === 'rejected') observer.acknowledged?.(type, outcome.elapsed);
    if (outcome.kind === 'rejected' && this.#proxy !== undefined)
      observer.rejected?.(this.#proxy, type, outcome.rejections, outcome.reason);
  }

  #wakeLater(subscription: Subscription): void {
    const { clock, enqueue } = this.#shared;
    const at = subscription.deadline;
    // A timer that is no longer needed runs once for nothing; to cancel it at every ACK would cost more.
    if (at === undefined || (this.#timer !== undefined && at >= this.#timerAt)) return;
    // One that is set for later would let the nearer time pass.
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = clock.after(Math.max(1, at - clock.now()), () => {
      this.#timer = undefined;
      enqueue(this);
    });
  }

  #finish(error: StreamError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    const { observer, flow, ended } = this.#shared;
    this.#timer?.cancel();
    this.#source?.close();
    flow.close(this.account);
    this.#remember();
    observer.closed?.(this.session.peer, this.#node, error);
    ended(this);
  }

  #remember(): void {
    const subscription = this.#subscription;
    const proxy = this.#proxy;
    if (subscription === undefined || proxy === undefined) return;
    const { remembered } = this.#shared;
    for (const type of RESOURCE_TYPES) {
      const leftover = subscription.leftover(type);
      if (leftover !== undefined) remembered.add(proxy.id, type, leftover);
    }
  }
}
