/** What the xDS server needs from outside, and what it says. */
import type { Result } from '@weft/core/kernel';
import type { Proxy } from '@weft/core/mesh-view';
import type { PatchedConfig } from '@weft/core/proxy-config';
import type { Peer } from '../../server/index.ts';
import type { StreamError } from '../errors.ts';
import type { ResourceType } from '../snapshot/index.ts';
import type { Protocol, Rejection } from '../subscription/index.ts';
import type { NodeClaim } from './node.ts';

/** One client's stream, whatever carries it. The server calls nothing of it after `close`, nor after `XdsStream.closed`. */
export interface XdsSession {
  readonly peer: Peer;
  readonly protocol: Protocol;
  /** A DiscoveryResponse or DeltaDiscoveryResponse; shared between streams, never to be changed. `flushed`: it left this process. */
  send(bytes: Uint8Array, flushed: () => void): void;
  /** Ends the stream: a gRPC status code and what the peer is told. */
  close(status: number, message: string): void;
}

/** The server's end of a session. */
export interface XdsStream {
  /** A DiscoveryRequest or DeltaDiscoveryRequest. */
  receive(bytes: Uint8Array): void;
  /** The peer is gone. Idempotent. */
  closed(): void;
}

export interface ConfigSubscription {
  /** Idempotent; the listener is not called after it. */
  close(): void;
}

/** Where configurations come from. Rows, and tables, that did not change keep their identity. */
export interface ConfigSource {
  /** Calls `listener` with what `proxy` is to do, as soon as it is known and at every change. */
  subscribe(proxy: Proxy, listener: (config: PatchedConfig) => void): ConfigSubscription;
}

/** Binds what a client claims to what its peer was attested as; the reason of a refusal is for our log. */
export type ResolveProxy = (claim: NodeClaim, peer: Peer) => Result<Proxy, string>;

/** What happens, for metrics and logs. Must not throw. */
export interface XdsObserver {
  opened?(peer: Peer, protocol: Protocol): void;
  /** The first request was accepted. */
  identified?(proxy: Proxy, peer: Peer): void;
  /** `error` undefined: the peer ended it. `node`: id claimed, '' when none was. */
  closed?(peer: Peer, node: string, error: StreamError | undefined): void;
  pushed?(type: ResourceType, resources: number, bytes: number): void;
  /** ms from push to ACK. */
  acknowledged?(type: ResourceType, elapsed: number): void;
  rejected?(proxy: Proxy, type: ResourceType, rejections: readonly Rejection[], reason: string): void;
  /** ms from a change of a client's configuration until it held all of it. */
  converged?(elapsed: number): void;
  /** A resource type that is not served here; once a stream and type. */
  unserved?(typeUrl: string): void;
}
