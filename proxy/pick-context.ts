/** What choosing an endpoint knows of whom it is for. Part of the seams of ports.ts: read during the pick, never kept. */
import type { LbMetadata } from '@weft/core/proxy-config';
import type { DownstreamConnection, EndpointRuntime } from './ports.ts';
import type { Hash64 } from './upstream/hash/hash64.ts';

/** What a load balancer may ask of an exchange or TCP connection. The exchange object itself implements it. */
export interface PickContext {
  /** From the route's hash policies; undefined: none found anything. */
  readonly hash: Hash64 | undefined;
  /** The subset asked for; absent or empty: none. */
  readonly metadataMatch?: LbMetadata | undefined;
  /** For ORIGINAL_DST. */
  readonly downstream: DownstreamConnection | undefined;
  /** For dynamic forward proxies: the host that it is for, as it was resolved; absent: it was not. */
  readonly resolvedHost?: ResolvedHost | undefined;
  /** The endpoint of a session, for the first try; absent: none. */
  readonly overrideHost?: OverrideHost | undefined;
  /** Endpoints to avoid when another one is to be had (already tried). Called a few times per pick, only after the first try. */
  readonly avoidTried: boolean;
  hasTried(endpoint: EndpointRuntime): boolean;
  /** Which priorities to leave out; absent: none. */
  readonly triedPriorities?: TriedPriorities | undefined;
}

/** Where a host is that a request named. */
export interface ResolvedHost {
  readonly ip: string;
  readonly port: number;
}

export interface TriedPriorities {
  readonly avoided: readonly number[];
  /** Without them no endpoint was left: they count again. */
  forget(): void;
}

export interface OverrideHost {
  /** `ip:port` or the pipe's path. */
  readonly address: string;
  /** This one or none. */
  readonly strict: boolean;
  /** Of the answer when the cluster does not have a strict one; 0: 503. */
  readonly notFoundStatus: number;
  /** Set by the pick: the cluster has it, in whatever state. */
  known: boolean;
}
