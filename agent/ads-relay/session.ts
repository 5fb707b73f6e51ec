/**
 * One client's ADS stream (state of the world), carried on to the control plane. The client's stream outlives the control plane's: when
 * that one is lost the client keeps what it has, and the next one resumes with the versions the client holds, so that nothing is sent
 * again that did not change. Secrets are answered here and never asked for upstream.
 */
import { type MonotonicClock, type Timer, formatDiagnostic } from '@weft/core/kernel';
import {
  assembleDiscoveryResponse,
  decodeDiscoveryRequest,
  decodeDiscoveryResponse,
  type DiscoveryRequest,
  type DiscoveryResponse,
  encodeDiscoveryRequest,
  NO_NODE,
  type NodeClaims,
  SECRET_TYPE,
  SEND_ORDER,
  stateOfTheWorldPart,
} from '@weft/envoy/discovery';
import { BackOff, RECONNECT, REFUSED } from '../back-off/index.ts';
import type { CallError, UplinkHandlers, UplinkStream } from '../control-plane/index.ts';
import { SdsSession } from '../sds/index.ts';
import type { Secrets } from '../secrets/index.ts';
import type { AdsCache } from './cache.ts';
import { withNonce } from './nonce.ts';
import { resourceName } from './resource-name.ts';
import { TypeState } from './type-state.ts';

/** Port: the way to the control plane. */
export interface Uplink {
  /** Whether a stream would be accepted now: the lease is held. */
  readonly up: boolean;
  /** Calls `listener` each time it comes up. */
  onUp(listener: () => void): { close(): void };
  openAds(handlers: UplinkHandlers): UplinkStream;
}

export interface SessionParts {
  readonly clock: MonotonicClock;
  readonly roll: () => number;
  readonly uplink: Uplink;
  readonly cache: AdsCache;
  readonly secrets: Secrets;
  readonly events: RelayEvents;
}

export interface RelayEvents {
  /** A client said who it is, in its first request, which nobody has answered yet. */
  identified(node: NodeClaims): void;
  /** A client holds this version of a type now; `cached` when it came from the disk. */
  accepted(node: string, typeUrl: string, version: string, cached: boolean): void;
  /** A client refused a response; the control plane is told as well. */
  rejected(node: string, typeUrl: string, message: string): void;
  /** The control plane ended a client's stream. */
  upstreamLost(node: string, error: CallError): void;
}

/** The client's end. */
export interface LocalClient {
  respond(response: Uint8Array): void;
  /** What it sent is no DiscoveryRequest. */
  refuse(message: string): void;
}

/** ms that a client waits for the control plane before it gets what was cached. */
const CACHE_AFTER = 1000;
/** Types one stream may ask for. */
const MAX_TYPES = 16;

export class RelaySession {
  readonly #parts: SessionParts;
  readonly #client: LocalClient;
  readonly #types = new Map<string, TypeState>();
  readonly #sds: SdsSession;
  readonly #backOff: BackOff;
  readonly #refusedBackOff: BackOff;
  readonly #onUp: { close(): void };
  #node: NodeClaims | undefined;
  #upstream: UplinkStream | undefined;
  #generation = 0;
  #cachedNonce = 0;
  #retry: Timer | undefined;
  #cacheTimer: Timer | undefined;
  #useCache = false;
  #closed = false;

  constructor(parts: SessionParts, client: LocalClient) {
    this.#parts = parts;
    this.#client = client;
    this.#backOff = new BackOff(RECONNECT, parts.roll);
    this.#refusedBackOff = new BackOff(REFUSED, parts.roll);
    const rejected = (message: string): void => parts.events.rejected(this.#nodeId, SECRET_TYPE, message);
    this.#sds = new SdsSession(parts.secrets, (response) => client.respond(response), rejected);
    this.#onUp = parts.uplink.onUp(() => {
      this.#retry?.cancel();
      this.#connect();
    });
  }

  /** A DiscoveryRequest of the client. */
  receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    const decoded = decodeDiscoveryRequest(bytes);
    if (!decoded.ok) {
      this.#client.refuse(decoded.error.map(formatDiagnostic).join('; '));
      return;
    }
    const request = decoded.value;
    const first = this.#node === undefined;
    if (this.#node === undefined) {
      this.#node = request.node ?? NO_NODE;
      this.#parts.events.identified(this.#node);
    }
    if (request.typeUrl === SECRET_TYPE) {
      this.#sds.receive(request);
      return;
    }
    const known = this.#types.get(request.typeUrl);
    if (known === undefined && this.#types.size >= MAX_TYPES) {
      this.#client.refuse(`more than ${MAX_TYPES} resource types`);
      return;
    }
    const type = known ?? new TypeState(request.typeUrl);
    this.#types.set(request.typeUrl, type);
    this.#request(type, request);
    if (first) this.#begin();
  }

  /** The client is gone. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onUp.close();
    this.#retry?.cancel();
    this.#cacheTimer?.cancel();
    this.#sds.close();
    this.#upstream?.close();
    this.#upstream = undefined;
  }

  get #nodeId(): string {
    return this.#node?.id ?? '';
  }

  /** Two engines with one node id have different configurations. */
  get #cacheKey(): string {
    return `${this.#nodeId} ${this.#node?.userAgent ?? ''}`;
  }

  #begin(): void {
    this.#connect();
    this.#cacheTimer = this.#parts.clock.after(CACHE_AFTER, () => {
      this.#useCache = true;
      this.#serveCache();
    });
  }

  #request(type: TypeState, request: DiscoveryRequest): void {
    const answered = type.take(request.responseNonce);
    const renamed = !sameNames(type.names, request.resourceNames);
    type.names = request.resourceNames;
    if (request.error !== undefined) this.#parts.events.rejected(this.#nodeId, type.typeUrl, request.error.message);
    else if (answered !== undefined)
      this.#accepted(type, request.versionInfo, answered.generation === 0, answered.response);
    if (request.responseNonce === '' && request.error === undefined && request.versionInfo !== '')
      type.version = request.versionInfo;
    if (this.#upstream === undefined) {
      if (this.#useCache) this.#serveCache();
      return;
    }
    const late = answered !== undefined && answered.generation !== this.#generation;
    if (late && type.upstreamNonce !== '' && !renamed) return;
    const nonce = answered === undefined || late ? type.upstreamNonce : answered.upstreamNonce;
    this.#sendUp(type, nonce, late ? undefined : request.error);
  }

  #accepted(type: TypeState, version: string, cached: boolean, response: DiscoveryResponse | undefined): void {
    type.version = version;
    if (response !== undefined) {
      const resources = response.resources.flatMap(({ value }) => {
        const name = resourceName(value);
        return name === undefined ? [] : [[name, value] as const];
      });
      this.#parts.cache.accept(this.#cacheKey, type.typeUrl, version, new Map(resources), type.names);
    }
    this.#parts.events.accepted(this.#nodeId, type.typeUrl, version, cached);
  }

  #sendUp(type: TypeState, nonce: string, error: DiscoveryRequest['error'], node?: NodeClaims): void {
    this.#upstream?.send(
      encodeDiscoveryRequest({
        typeUrl: type.typeUrl,
        versionInfo: type.version,
        responseNonce: nonce,
        resourceNames: type.names,
        node,
        error,
      }),
    );
  }

  #connect(): void {
    if (this.#closed || this.#upstream !== undefined || !this.#parts.uplink.up || this.#types.size === 0) return;
    this.#generation += 1;
    const generation = this.#generation;
    this.#upstream = this.#parts.uplink.openAds({
      onMessage: (bytes) => this.#response(bytes, generation),
      onEnd: (error) => this.#lost(error),
    });
    let node = this.#node;
    for (const type of this.#inOrder()) {
      type.upstreamNonce = '';
      this.#sendUp(type, '', undefined, node);
      node = undefined;
    }
  }

  /** Types in the order in which a server would send them: the new stream's answers then come in it. */
  #inOrder(): TypeState[] {
    const place = (type: TypeState): number => (SEND_ORDER.indexOf(type.typeUrl) + 100) % 100;
    return [...this.#types.values()].sort((a, b) => place(a) - place(b));
  }

  #response(bytes: Uint8Array, generation: number): void {
    const decoded = decodeDiscoveryResponse(bytes);
    const type = decoded.ok ? this.#types.get(decoded.value.typeUrl) : undefined;
    if (!decoded.ok || type === undefined || generation !== this.#generation) return;
    this.#backOff.reset();
    this.#refusedBackOff.reset();
    type.upstreamNonce = decoded.value.nonce;
    const nonce = `${generation}.${decoded.value.nonce}`;
    type.give({ nonce, upstreamNonce: decoded.value.nonce, generation, response: decoded.value });
    this.#client.respond(withNonce(decoded.value, nonce));
  }

  #lost(error: CallError): void {
    this.#upstream = undefined;
    this.#parts.events.upstreamLost(this.#nodeId, error);
    if (this.#closed) return;
    this.#retry?.cancel();
    const backOff = error.kind === 'refused' ? this.#refusedBackOff : this.#backOff;
    this.#retry = this.#parts.clock.after(backOff.next(), () => this.#connect());
  }

  /** Gives the client what it asked for and never got, as far as the cache has it. */
  #serveCache(): void {
    for (const type of this.#inOrder()) {
      const cached = this.#parts.cache.get(this.#cacheKey, type.typeUrl);
      if (cached === undefined || type.answered) continue;
      const wanted = new Set(type.names);
      const all = wanted.size === 0 || wanted.has('*');
      const resources = [...cached.resources].filter(([name]) => all || wanted.has(name));
      if (resources.every(([name]) => type.fromCache.has(name))) continue;
      for (const [name] of resources) type.fromCache.add(name);
      this.#cachedNonce += 1;
      const nonce = `cached-${this.#cachedNonce}`;
      type.give({ nonce, upstreamNonce: '', generation: 0, response: undefined });
      const parts = resources.map(([, value]) => stateOfTheWorldPart(type.typeUrl, value));
      this.#client.respond(
        assembleDiscoveryResponse({ typeUrl: type.typeUrl, versionInfo: cached.version, nonce }, parts),
      );
    }
  }
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, index) => name === b[index]);
