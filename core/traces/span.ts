/** A span as the control plane keeps it, and whose it is. */

export interface TraceSpan {
  /** 32 and 16 digits of hex; `parent` '': a root. */
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  readonly kind: 'server' | 'client';
  /** Unix ms, with fractions; `duration` in ms. */
  readonly start: number;
  readonly duration: number;
  readonly error: boolean;
  readonly attributes: readonly (readonly [name: string, value: string])[];
}

/** A span and whose it is: the control plane knows that, nobody says it. */
export interface KeptSpan extends TraceSpan {
  readonly namespace: string;
  readonly workload: string;
}
