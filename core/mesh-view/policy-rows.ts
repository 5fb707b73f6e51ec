/** Rows of policies of which the most specific one counts whole (docs/policy.md). As all rows deeply immutable. */
import type { NamedMatch, NameValue, Share } from './rows.ts';

/** One Fault as it is attached to a target. */
export interface FaultRow {
  readonly key: string;
  readonly faults: readonly FaultEntryRow[];
  readonly source: string;
}

export interface FaultEntryRow {
  readonly headers: readonly NamedMatch[];
  /** ms */
  readonly delay: { readonly duration: number; readonly share: Share } | undefined;
  readonly abort: { readonly kind: 'http' | 'grpc'; readonly status: number; readonly share: Share } | undefined;
  /** KiB/s */
  readonly bandwidth: { readonly rate: number; readonly share: Share } | undefined;
  readonly source: string;
}

/** One RateLimit as it is attached to a target. */
export interface RateLimitRow {
  readonly key: string;
  readonly local: { readonly requests: number /** ms */; readonly per: number; readonly burst: number };
  readonly status: number;
  readonly headers: readonly NameValue[];
  readonly tellsLimits: boolean;
  readonly enforced: boolean;
  readonly source: string;
}
