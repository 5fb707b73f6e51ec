/**
 * Changes to the messages that a proxy's rows are encoded as (kind EnginePatch). They are no rows: whoever encodes applies them, in their
 * order, and says which had nothing to change and which the proxy's engine would refuse.
 */
export interface ResourcePatch {
  readonly part: PatchPart;
  readonly operation: PatchOperation;
  /** Names of what is changed and of what holds it; all that is said must hold. A `*` at the end stands for any rest. */
  readonly match: PatchMatch;
  /** The part's message as proto3 JSON; undefined with `remove`. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  /** `EnginePatch/namespace/name#spec.patches[i]` */
  readonly source: string;
}

export type PatchPart =
  | 'listener'
  | 'filter-chain'
  | 'network-filter'
  | 'http-filter'
  | 'route-configuration'
  | 'virtual-host'
  | 'route'
  | 'cluster';

export type PatchOperation = 'merge' | 'replace' | 'remove' | 'add-first' | 'add-last' | 'add-before' | 'add-after';

export interface PatchMatch {
  readonly direction: 'inbound' | 'outbound' | undefined;
  readonly listener: string | undefined;
  readonly filterChain: string | undefined;
  readonly networkFilter: string | undefined;
  readonly httpFilter: string | undefined;
  readonly routeConfiguration: string | undefined;
  readonly virtualHost: string | undefined;
  readonly route: string | undefined;
  readonly cluster: string | undefined;
}
