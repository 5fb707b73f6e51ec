/**
 * When a proxy sheds load (envoy.config.overload.v3.OverloadManager), and what of it is ours. Part of a bootstrap, not of the five tables: it is about the
 * process. A monitor's pressure is a share of its limit, 1 being all of it.
 */
export interface Overload {
  /** ms between two looks; Envoy's default 1000. */
  readonly refreshInterval: number;
  /** Names are unique. */
  readonly monitors: readonly OverloadMonitor[];
  /** Each action at most once. */
  readonly actions: readonly { readonly action: OverloadAction; readonly triggers: readonly OverloadTrigger[] }[];
}

export interface OverloadMonitor {
  readonly name: string;
  readonly resource: OverloadResource;
}

export type OverloadResource =
  /** Memory that JavaScript and its buffers hold, of all threads. */
  | { readonly kind: 'fixed-heap'; readonly maxBytes: number }
  /** Resident memory against the control group's limit, or `maxBytes` when that is less; 0: the group's alone. No limit: no pressure. */
  | { readonly kind: 'cgroup-memory'; readonly maxBytes: number }
  /** V8's heap of the thread that serves against its own limit. */
  | { readonly kind: 'heap' }
  | { readonly kind: 'connections'; readonly max: number }
  /** Open file descriptors against the process's limit. */
  | { readonly kind: 'file-descriptors' }
  /** How late the event loop comes, in ms; the shorter of two in a row, so that one pause sheds nothing. */
  | { readonly kind: 'event-loop-lag'; readonly max: number };

export interface OverloadTrigger {
  /** Name of a monitor. */
  readonly monitor: string;
  /** Pressure from which the action is taken. */
  readonly threshold: number;
}

export const OVERLOAD_ACTIONS = [
  /** Answers say close, HTTP/2 connections get GOAWAY. */
  'disable-keepalive',
  /** New requests are answered with 503. */
  'stop-accepting-requests',
  /** New connections are closed at once. */
  'stop-accepting-connections',
  'reject-incoming-connections',
] as const;
export type OverloadAction = (typeof OVERLOAD_ACTIONS)[number];
