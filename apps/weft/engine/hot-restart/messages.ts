/** What a process that is replaced and the one that replaces it say to each other, over the channel of a child process. Plain data. */
import type { EngineReport } from '@weft/proxy/admin';
import type { PassedSocket } from '@weft/proxy/engine';

/** In the environment of the new process only: it is to wait for a handover. */
export const MARK = 'WEFT_HOT_RESTART';

export type Families = EngineReport['families'];

export interface Handover {
  readonly kind: 'handover';
  /** Envoy's restart epoch: how many processes there were before this one. */
  readonly epoch: number;
  /** When the first of them started, Unix ms. */
  readonly firstStart: number;
  /** Their descriptors are those of the new process. */
  readonly sockets: readonly PassedSocket[];
}

export type ToSuccessor =
  | Handover
  /** The statistics that were asked for, those of the processes before it included. */
  | { readonly kind: 'statistics'; readonly id: number; readonly families: Families }
  /** The same, unasked, when it ends. */
  | { readonly kind: 'last-statistics'; readonly families: Families };

export type ToPredecessor =
  /** It has everything that it needs to serve, and accepts. */
  { readonly kind: 'ready' } | { readonly kind: 'statistics'; readonly id: number };
