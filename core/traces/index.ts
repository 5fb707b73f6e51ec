/** Spans as the control plane keeps them: what a person looks for, bounded and fit to be shown as it stands. Facts alone; nothing here decides. */

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

/** Characters of one text, attributes of one span, spans of one message from an agent. */
export const SPAN_TEXT = 200;
export const SPAN_ATTRIBUTES = 20;
export const SPANS_A_MESSAGE = 20;

export { attributeOf, extent, type PlacedSpan, spanTree } from './tree.ts';
