/** Spans as the control plane keeps them: what a person looks for, bounded and fit to be shown as it stands. Facts alone; nothing here decides. */
export type { KeptSpan, TraceSpan } from './span.ts';

/** Characters of one text, attributes of one span, spans of one message from an agent. */
export const SPAN_TEXT = 200;
export const SPAN_ATTRIBUTES = 20;
export const SPANS_A_MESSAGE = 20;

export { attributeOf, extent, type PlacedSpan, spanTree } from './tree.ts';
