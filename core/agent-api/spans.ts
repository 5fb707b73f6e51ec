/** Spans on their way from an agent to the control plane; times travel in whole microseconds. */
import { SPAN_ATTRIBUTES, SPAN_TEXT, type TraceSpan } from '../traces/index.ts';
import { type ObjectReader, PRINTABLE, type TextRule } from './reader.ts';

const SHOWN: TextRule = { ...PRINTABLE, max: SPAN_TEXT };
const hex = (digits: number, empty = false): TextRule => ({
  max: digits,
  empty,
  pattern: new RegExp(`^(?:[0-9a-f]{${digits}})${empty ? '?' : ''}$`),
  form: `${digits} hexadecimal digits`,
});
const TRACE = hex(32);
const SPAN = hex(16);
const PARENT = hex(16, true);
const MOST = Number.MAX_SAFE_INTEGER;

export const readSpan = (reader: ObjectReader): TraceSpan => ({
  trace: reader.text('trace', TRACE),
  id: reader.text('id', SPAN),
  parent: reader.text('parent', PARENT),
  name: reader.text('name', SHOWN),
  kind: reader.oneOf('kind', ['server', 'client'], 'server'),
  start: reader.integer('start', 0, MOST) / 1000,
  duration: reader.integer('duration', 0, MOST) / 1000,
  error: reader.boolean('error'),
  attributes: reader.list('attributes', SPAN_ATTRIBUTES, (pair) => [
    pair.text('name', SHOWN),
    pair.text('value', SHOWN),
  ]),
});

export const spanJson = ({ start, duration, attributes, ...span }: TraceSpan): object => ({
  ...span,
  start: Math.max(0, Math.round(start * 1000)),
  duration: Math.max(0, Math.round(duration * 1000)),
  attributes: attributes.map(([name, value]) => ({ name, value })),
});
