/** What an agent is given, and what it tells. */
import type { ServiceWish, WorkloadDescription } from '@weft/core/agent-api';
import type { MonotonicClock, WallClock } from '@weft/core/kernel';
import type { CallError } from '../control-plane/index.ts';
import type { TokenVerifier } from '../workload-api/index.ts';
import type { ProbedPort } from '../readiness/index.ts';

/** How it may speak to the control plane. */
export type Membership =
  /** The control plane's Unix socket on this host: the same user, no token. */
  | { readonly kind: 'local'; readonly socket: string }
  /** A join token's text; once spent, the registration in the folder takes its place. `controlPlane`: another address than the token's. */
  | { readonly kind: 'token'; readonly token: string | undefined; readonly controlPlane?: string | undefined };

export interface AgentOptions {
  /** Of this workload alone; made with mode 0700. */
  readonly folder: string;
  readonly membership: Membership;
  readonly namespace: string;
  readonly account: string;
  readonly workload: WorkloadDescription;
  readonly service: ServiceWish | undefined;
  /** Ports that count as ready while they accept on loopback. */
  readonly probes: readonly ProbedPort[];
  /** Whether engines reach the agent by `agent.sock` in the folder; default true. */
  readonly socket?: boolean;
  /** Whether certificate, key and roots are written to the folder once a proxyless gRPC client has come; default false. */
  readonly certificateFiles?: boolean;
  /** Of JWT-SVIDs that the workload asks about; absent: it is told that none can be verified. */
  readonly verifyToken?: TokenVerifier | undefined;
  /**
   * Path of the socket of somebody else's SPIFFE Workload API: certificate and roots that peers see come from there. Towards the control plane
   * the agent keeps its own registration and certificate. Absent: one certificate for both.
   */
  readonly workloadApi?: string | undefined;
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  /** From 0 to 1. */
  readonly roll: () => number;
  readonly events?: Partial<AgentEvents>;
}

/** For logs and `status`. None of them carries a key or a token. */
export interface AgentEvents {
  /** The lease is held, at first and after each reconnect. */
  registered(name: string): void;
  /** The control plane is away or says no; everything goes on with what is there. */
  disconnected(error: CallError): void;
  /** A certificate came into use. ms since the epoch. */
  certificate(notAfter: number): void;
  certificateFailed(error: CallError): void;
  readiness(port: string, ready: boolean): void;
  /** A client of this agent holds this version of a type now. */
  accepted(node: string, typeUrl: string, version: string, cached: boolean): void;
  rejected(node: string, typeUrl: string, message: string): void;
  /** The registration was revoked: the certificate will not be renewed. */
  revoked(): void;
  problem(message: string): void;
}

export const NO_EVENTS: AgentEvents = {
  registered: () => {},
  disconnected: () => {},
  certificate: () => {},
  certificateFailed: () => {},
  readiness: () => {},
  accepted: () => {},
  rejected: () => {},
  revoked: () => {},
  problem: () => {},
};
