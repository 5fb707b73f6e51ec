/** String, header and query parameter matchers, fractions (envoy.type.matcher.v3, envoy.config.route.v3, envoy.type.v3). */
import type { Fraction, HeaderMatcher, QueryParameterMatcher, StringMatcher } from '@weft/core/proxy-config';
import { re2 } from '@weft/core/decide';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';
import { enumName, takeEnum, type EnumTable } from './enumeration.ts';

type WireString = Messages['envoy.type.matcher.v3.StringMatcher'];
type WireHeader = Messages['envoy.config.route.v3.HeaderMatcher'];
type WireQuery = Messages['envoy.config.route.v3.QueryParameterMatcher'];
type WireRegex = Messages['envoy.type.matcher.v3.RegexMatcher'];

const ANY_TEXT: StringMatcher = { kind: 'prefix', value: '', ignoreCase: false };

/** The expression; one that RE2 cannot compile is refused, as Envoy does. */
export function decodeRegex(cursor: Cursor<WireRegex>): string {
  const regex = cursor.take('regex') ?? '';
  cursor.within('google_re2', () => true);
  try {
    re2().compile(regex);
  } catch {
    cursor.fault('regex', 'invalid-value', 'not an RE2 expression');
  }
  return regex;
}

export function decodeString(cursor: Cursor<WireString>): StringMatcher {
  const ignoreCase = cursor.take('ignore_case') ?? false;
  for (const kind of ['exact', 'prefix', 'suffix', 'contains'] as const) {
    const value = cursor.take(kind);
    if (value !== undefined) return { kind, value, ignoreCase };
  }
  const regex = cursor.within('safe_regex', decodeRegex);
  if (ignoreCase) cursor.fault('ignore_case', 'invalid-value', 'has no effect on safe_regex', 'write (?i) into it');
  return regex === undefined ? ANY_TEXT : { kind: 'regex', regex };
}

export const encodeString = (matcher: StringMatcher): WireString =>
  matcher.kind === 'regex'
    ? { safe_regex: { regex: matcher.regex } }
    : { [matcher.kind]: matcher.value, ...(matcher.ignoreCase ? { ignore_case: true } : {}) };

export function decodeHeader(cursor: Cursor<WireHeader>): HeaderMatcher {
  return {
    name: (cursor.take('name') ?? '').toLowerCase(),
    match: decodeHeaderMatch(cursor),
    invert: cursor.take('invert_match') ?? false,
    treatMissingAsEmpty: cursor.take('treat_missing_header_as_empty') ?? false,
  };
}

function decodeHeaderMatch(cursor: Cursor<WireHeader>): HeaderMatcher['match'] {
  const plain = [
    ['exact', 'exact_match'],
    ['prefix', 'prefix_match'],
    ['suffix', 'suffix_match'],
    ['contains', 'contains_match'],
  ] as const;
  for (const [kind, field] of plain) {
    const value = cursor.take(field);
    if (value !== undefined) return { kind: 'string', matcher: { kind, value, ignoreCase: false } };
  }
  const regex = cursor.within('safe_regex_match', decodeRegex);
  if (regex !== undefined) return { kind: 'string', matcher: { kind: 'regex', regex } };
  const matcher = cursor.within('string_match', decodeString);
  if (matcher !== undefined) return { kind: 'string', matcher };
  const range = cursor.within('range_match', decodeRange);
  if (range !== undefined) return { kind: 'range', ...range };
  return { kind: 'present', present: cursor.take('present_match') ?? true };
}

export function decodeRange(cursor: Cursor<Messages['envoy.type.v3.Int64Range']>): { start: number; end: number } {
  const start = cursor.take('start') ?? 0;
  const end = cursor.take('end') ?? 0;
  if (typeof start === 'bigint' || typeof end === 'bigint') cursor.refuse('unsupported-value', 'bounds beyond 2^53');
  return { start: Number(start), end: Number(end) };
}

export function encodeHeader(header: HeaderMatcher): WireHeader {
  const { match } = header;
  return {
    name: header.name,
    ...(match.kind === 'string'
      ? { string_match: encodeString(match.matcher) }
      : match.kind === 'range'
        ? { range_match: { start: match.start, end: match.end } }
        : { present_match: match.present }),
    ...(header.invert ? { invert_match: true } : {}),
    ...(header.treatMissingAsEmpty ? { treat_missing_header_as_empty: true } : {}),
  };
}

export function decodeQuery(cursor: Cursor<WireQuery>): QueryParameterMatcher {
  const name = cursor.take('name') ?? '';
  const matcher = cursor.within('string_match', decodeString);
  if (matcher !== undefined) return { name, match: { kind: 'string', matcher } };
  return { name, match: { kind: 'present', present: cursor.take('present_match') ?? true } };
}

export const encodeQuery = (query: QueryParameterMatcher): WireQuery => ({
  name: query.name,
  ...(query.match.kind === 'string'
    ? { string_match: encodeString(query.match.matcher) }
    : { present_match: query.match.present }),
});

const DENOMINATORS: EnumTable<Fraction['denominator'], 'HUNDRED' | 'TEN_THOUSAND' | 'MILLION'> = [
  [100, 'HUNDRED'],
  [10_000, 'TEN_THOUSAND'],
  [1_000_000, 'MILLION'],
];

/** envoy.type.v3.FractionalPercent */
export const decodeFractionalPercent = (cursor: Cursor<Messages['envoy.type.v3.FractionalPercent']>): Fraction => ({
  numerator: cursor.take('numerator') ?? 0,
  denominator: takeEnum(cursor, 'denominator', DENOMINATORS),
});

export const encodeFractionalPercent = (fraction: Fraction): Messages['envoy.type.v3.FractionalPercent'] => ({
  numerator: fraction.numerator,
  denominator: enumName(fraction.denominator, DENOMINATORS),
});

/** runtime_fraction: its default value, and the key that may say otherwise. */
export function decodeFraction(cursor: Cursor<Messages['envoy.config.core.v3.RuntimeFractionalPercent']>): Fraction {
  const key = cursor.take('runtime_key') ?? '';
  const fraction = cursor.within('default_value', decodeFractionalPercent);
  if (fraction === undefined) cursor.fault('default_value', 'missing-field', 'a fraction needs its default_value');
  return withKey(fraction ?? { numerator: 100, denominator: 100 }, key);
}

export const withKey = (fraction: Fraction, key: string): Fraction =>
  key === '' ? fraction : { ...fraction, runtimeKey: key };

export const encodeFraction = (fraction: Fraction): Messages['envoy.config.core.v3.RuntimeFractionalPercent'] => ({
  default_value: encodeFractionalPercent(fraction),
  runtime_key: fraction.runtimeKey,
});
