/** envoy.type.matcher.v3.MetadataMatcher and ValueMatcher. */
import type { MetadataMatcher, ValueMatcher } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';
import { decodeString, encodeString } from './matcher.ts';

type Wire = Messages['envoy.type.matcher.v3.MetadataMatcher'];
type WireValue = Messages['envoy.type.matcher.v3.ValueMatcher'];

/** Deeper ones are refused: they are read recursively. */
const MOST_LEVELS = 16;
const NOTHING: ValueMatcher = { kind: 'present', present: false };

export const decodeMetadataMatcher = (cursor: Cursor<Wire>): MetadataMatcher => ({
  ...decodePlain(cursor),
  invert: cursor.take('invert') ?? false,
});

/** Where `invert` has no effect. */
export const decodePlain = (cursor: Cursor<Wire>): Omit<MetadataMatcher, 'invert'> => ({
  namespace: cursor.take('filter') ?? '',
  path: cursor.each('path', (segment) => segment.take('key') ?? ''),
  value: cursor.within('value', (value) => decodeValue(value, 1)) ?? NOTHING,
});

function decodeValue(cursor: Cursor<WireValue>, level: number): ValueMatcher {
  if (level > MOST_LEVELS) {
    cursor.take('or_match');
    cursor.take('list_match');
    cursor.refuse('limit-exceeded', `matchers within matchers are read to a depth of ${MOST_LEVELS}`);
    return NOTHING;
  }
  if (cursor.within('null_match', () => true) === true) return { kind: 'null' };
  const number = cursor.within('double_match', (inner): ValueMatcher => {
    const range = inner.within('range', (bounds) => ({
      start: bounds.take('start') ?? 0,
      end: bounds.take('end') ?? 0,
    }));
    return range === undefined ? { kind: 'number', exact: inner.take('exact') ?? 0 } : { kind: 'range', ...range };
  });
  if (number !== undefined) return number;
  const matcher = cursor.within('string_match', decodeString);
  if (matcher !== undefined) return { kind: 'string', matcher };
  const bool = cursor.take('bool_match');
  if (bool !== undefined) return { kind: 'bool', value: bool };
  const present = cursor.take('present_match');
  if (present !== undefined) return { kind: 'present', present };
  const item = cursor.within('list_match', (list) => list.within('one_of', (one) => decodeValue(one, level + 1)));
  if (item !== undefined) return { kind: 'list', item };
  const matchers = cursor.within('or_match', (or) => or.each('value_matchers', (one) => decodeValue(one, level + 1)));
  if (matchers === undefined) cursor.refuse('missing-field', 'a value needs something to be compared with');
  return matchers === undefined ? NOTHING : { kind: 'or', matchers };
}

export const encodeMetadataMatcher = (matcher: MetadataMatcher): Wire => ({
  ...encodePlain(matcher),
  invert: matcher.invert ? true : undefined,
});

export const encodePlain = ({ namespace, path, value }: Omit<MetadataMatcher, 'invert'>): Wire => ({
  filter: namespace,
  path: path.map((key) => ({ key })),
  value: encodeValue(value),
});

function encodeValue(matcher: ValueMatcher): WireValue {
  switch (matcher.kind) {
    case 'null':
      return { null_match: {} };
    case 'number':
      return { double_match: { exact: matcher.exact } };
    case 'range':
      return { double_match: { range: { start: matcher.start, end: matcher.end } } };
    case 'string':
      return { string_match: encodeString(matcher.matcher) };
    case 'bool':
      return { bool_match: matcher.value };
    case 'present':
      return { present_match: matcher.present };
    case 'list':
      return { list_match: { one_of: encodeValue(matcher.item) } };
    case 'or':
      return { or_match: { value_matchers: matcher.matchers.map(encodeValue) } };
  }
}
