/** What an engine is given by its process, with defaults for everything but secrets. */
import type { Socket } from 'node:net';
import type { MonotonicClock, WallClock } from '@weft/core/kernel';
import type { Overload, RuntimeValues } from '@weft/core/proxy-config';
import type { LogNode, ServiceMessages } from '@weft/core/services';
import type { Readings } from '../overload/readings.ts';
import type { EngineLog, EngineRuntime, HttpPath, SecretSource, SharedLimits, WantedRow } from '../ports.ts';
import type { SelfIdentity } from '@weft/core/traffic';
import type { Inheritance, SharedBinding } from '../listen/index.ts';
import type { DnsResolver, Ledger, LocalZoneSetting, UpstreamSharing } from '../upstream/index.ts';

/** One of several engines of a process: what they share. Absent in an engine that is alone, which pays nothing for it. */
export interface EngineSharing {
  /** From 1; 0 is the engine that leads and serves nothing. */
  readonly engine: number;
  readonly engines: number;
  /** Counts of the process (`ProcessCell`). */
  readonly process: Ledger;
  readonly upstream: UpstreamSharing;
  /** Absent in the engine that leads. */
  readonly limits?: SharedLimits;
  readonly binding: SharedBinding;
}

/** Cells of `EngineSharing.process`. */
export const ProcessCell = { connections: 0, memoryKb: 1, beats: 2 } as const;
export const PROCESS_CELLS = 3;

export interface EngineOptions {
  readonly secrets: SecretSource;
  /** Where log lines go; default: nowhere. */
  readonly log?: EngineLog;
  readonly clock?: MonotonicClock;
  readonly wall?: WallClock;
  readonly random?: () => number;
  readonly dns?: DnsResolver;
  readonly http?: (runtime: EngineRuntime) => HttpPath;
  /** Who this proxy stands for, in metrics. */
  readonly self?: SelfIdentity;
  /** Envoy's node.cluster; default ''. */
  readonly serviceCluster?: string;
  /** Who this proxy is, as access logs that go to services tell; default: nobody. */
  readonly node?: LogNode;
  /** ms that open connections of removed listeners and chains get; Envoy's --drain-time-s, default 600000. */
  readonly drainTime?: number;
  /** ms that `apply` waits for missing secrets, first DNS answers and first health checks; default 15000. */
  readonly warmTime?: number;
  /** Open downstream connections of the whole process; 0: unlimited (the default). */
  readonly maxConnections?: number;
  /** The messages of services that filters ask (envoy/services), loaded when one is made; absent: listeners with such filters are faulty. */
  readonly messages?: () => ServiceMessages;
  readonly sharing?: EngineSharing;
  /** How many processes there were before this one that handed over to the next; default 0. */
  readonly epoch?: number;
  /** Sockets that the process before this one left open; absent: every address is bound. */
  readonly inheritance?: Inheritance;
  /** When load is shed; absent: never. */
  readonly overload?: Overload;
  /** Where this proxy is among those of its kind; absent: no routing is zone aware. */
  readonly zone?: LocalZoneSetting;
  /** What keys of the runtime say at the start; default: nothing. */
  readonly runtimeValues?: RuntimeValues;
  /** Told of rows that are missing and that requests want; whoever takes it brings them with a later configuration. Absent: nobody can. */
  readonly wanted?: (row: WantedRow) => void;
  /** Replaces what overload is measured by; for tests. */
  readonly readings?: Partial<Readings>;
  /** SO_ORIGINAL_DST, where the process can ask for it. Without it the local address counts as the destination. */
  readonly originalDestination?: (socket: Socket) => { readonly ip: string; readonly port: number } | undefined;
}

/** A row that could not be put to work; what it had before stays. */
export interface ApplyFault {
  readonly table: 'listeners' | 'routes' | 'scopes' | 'clusters' | 'endpoints' | 'trustBundles';
  readonly name: string;
  readonly message: string;
}

export interface ApplyResult {
  /** Empty: the whole configuration is at work. */
  readonly faults: readonly ApplyFault[];
  /** Rows accepted with a remark. */
  readonly warnings: readonly ApplyFault[];
  /** Listeners that wait for a secret; they begin by themselves when it comes. */
  readonly waiting: readonly { readonly listener: string; readonly secret: string }[];
}
