/** What the coordinating thread and its workers say to each other. Plain data: it is copied, but for the counts that are shared. */
import type { Listener, Overload, RuntimeValues } from '@weft/core/proxy-config';
import type { LogNode } from '@weft/core/services';
import type { TapRecord, TapRequest } from '@weft/core/tap';
import type { SeriesAmounts } from '@weft/core/traffic';
import type { EngineReport } from '../admin/index.ts';
import type { ApplyResult, PassedSocket, SelfIdentity } from '../engine/index.ts';
import type { CertificateSecret, LogComponent, LogLevel, WantedRow } from '../ports.ts';
import type { ClusterNews, EjectionCause, LocalZoneSetting } from '../upstream/index.ts';
import type { Handover } from './handover.ts';
import type { LimitMemory } from './limits.ts';

export interface WorkerStart {
  readonly kind: 'start';
  /** From 1. */
  readonly engine: number;
  readonly engines: number;
  readonly process: SharedArrayBuffer;
  /** `process.hrtime` that the clock of shared buckets counts from, ns. */
  readonly epoch: bigint;
  readonly self: SelfIdentity | undefined;
  readonly serviceCluster: string;
  readonly node: LogNode | undefined;
  readonly failing: boolean;
  /** Somebody brings rows on demand. */
  readonly onDemand: boolean;
  readonly runtimeValues: RuntimeValues;
  readonly maxConnections: number;
  readonly drainTime: number | undefined;
  readonly warmTime: number | undefined;
  readonly overload: Overload | undefined;
  readonly zone: LocalZoneSetting | undefined;
  readonly levels: readonly (readonly [LogComponent, LogLevel])[];
  /** Sockets that the process before this one left open for this worker. */
  readonly inherited: readonly PassedSocket[];
}

export type ToWorker =
  | WorkerStart
  /** undefined: there is none any more. */
  | { readonly kind: 'certificate'; readonly name: string; readonly secret: CertificateSecret | undefined }
  | { readonly kind: 'roots'; readonly name: string; readonly pem: string | undefined }
  /** `ledgers`: where the limits of clusters are counted that are new or changed. */
  | {
      readonly kind: 'apply';
      readonly id: number;
      readonly config: Handover;
      readonly ledgers: readonly (readonly [cluster: string, SharedArrayBuffer])[];
      readonly limits: LimitMemory;
    }
  | { readonly kind: 'news'; readonly news: ClusterNews }
  | {
      readonly kind: 'drain';
      readonly id: number;
      readonly timeoutMs: number;
      readonly direction: Listener['direction'] | undefined;
      readonly passedOn: boolean;
    }
  /** Asks for every open socket. */
  | { readonly kind: 'sockets'; readonly id: number }
  /** Inherited sockets begin to accept. */
  | { readonly kind: 'open' }
  | { readonly kind: 'report'; readonly id: number }
  | { readonly kind: 'level'; readonly level: LogLevel; readonly component: LogComponent | undefined }
  | { readonly kind: 'tap'; readonly tap: number; readonly request: TapRequest }
  | { readonly kind: 'untap'; readonly tap: number }
  | { readonly kind: 'runtime'; readonly id: number; readonly values: RuntimeValues }
  | { readonly kind: 'reopen-logs' }
  | { readonly kind: 'reset-counters' }
  | { readonly kind: 'fail-health'; readonly id: number; readonly failing: boolean }
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'answer'; readonly id: number; readonly value: WorkerAnswer }
  | { readonly kind: 'line'; readonly line: string }
  /** Traffic since the last time. */
  | { readonly kind: 'counted'; readonly amounts: readonly SeriesAmounts[] }
  | { readonly kind: 'tapped'; readonly tap: number; readonly record: TapRecord }
  | { readonly kind: 'missed'; readonly tap: number; readonly count: number }
  | { readonly kind: 'detected'; readonly cluster: string; readonly key: string; readonly cause: EjectionCause }
  | { readonly kind: 'traffic'; readonly cluster: string }
  | { readonly kind: 'wanted'; readonly row: WantedRow };

export type WorkerAnswer = ApplyResult | EngineReport | number | readonly PassedSocket[];
