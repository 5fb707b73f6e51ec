/** Text of a query to tokens. */
import { QueryError } from './syntax.ts';

export type TokenKind = 'number' | 'string' | 'name' | 'duration' | 'sign' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string its value. */
  readonly text: string;
  readonly at: number;
}

/** Longest first where one begins another. */
const SIGNS = [
  '=~',
  '!~',
  '!=',
  '==',
  '<=',
  '>=',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  ',',
  '=',
  '<',
  '>',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  ':',
  '@',
];

const SPACE = /(?:\s+|#[^\n]*)*/y;
const DURATION = /(?:\d+(?:ms|[smhdwy]))+(?![\w.])/y;
const NUMBER = /(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])/y;
const NAME = /[a-zA-Z_:][\w:]*/y;

/** Octets of a query's text at most; the parser's depth is bounded by it as well. */
export const QUERY_LIMIT = 16_384;

export function tokens(query: string): Token[] {
  if (query.length > QUERY_LIMIT) throw new QueryError(`a query has at most ${QUERY_LIMIT} characters`, QUERY_LIMIT);
  const found: Token[] = [];
  let at = skip(query, 0);
  while (at < query.length) {
    const token = next(query, at);
    found.push(token.token);
    at = skip(query, token.end);
  }
  found.push({ kind: 'end', text: '', at });
  return found;
}

function next(query: string, at: number): { token: Token; end: number } {
  const quote = query[at];
  if (quote === '"' || quote === "'" || quote === '`') return quoted(query, at, quote);
  for (const [kind, pattern] of [
    ['duration', DURATION],
    ['number', NUMBER],
    ['name', NAME],
  ] as const) {
    const text = match(pattern, query, at);
    // A name may hold colons but not begin with one: that is a subquery's.
    if (text !== undefined && !(kind === 'name' && text.startsWith(':')))
      return { token: { kind, text, at }, end: at + text.length };
  }
  const sign = SIGNS.find((known) => query.startsWith(known, at));
  if (sign === undefined) throw new QueryError(`${JSON.stringify(query[at])} is not expected here`, at);
  return { token: { kind: 'sign', text: sign, at }, end: at + sign.length };
}

const skip = (query: string, at: number): number => at + (match(SPACE, query, at)?.length ?? 0);

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** Go's string literals, whose escapes Prometheus takes; between backquotes nothing is escaped. */
function quoted(query: string, start: number, quote: string): { token: Token; end: number } {
  let value = '';
  for (let at = start + 1; at < query.length; ) {
    const character = query[at] ?? '';
    if (character === quote) return { token: { kind: 'string', text: value, at: start }, end: at + 1 };
    if (character === '\n' && quote !== '`') break;
    if (character !== '\\' || quote === '`') {
      value += character;
      at += 1;
      continue;
    }
    const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/sy;
    escape.lastIndex = at;
    const found = escape.exec(query);
    const [all = '', x, u, long, octal, letter] = found ?? [];
    const code = x ?? u ?? long;
    const point =
      code === undefined ? (octal === undefined ? undefined : Number.parseInt(octal, 8)) : Number.parseInt(code, 16);
    const text =
      point === undefined ? ESCAPES[letter ?? ''] : point <= 0x10_ff_ff ? String.fromCodePoint(point) : undefined;
    if (text === undefined)
      throw new QueryError(`${all === '' ? 'a lone backslash' : all} is no escape of a string`, at);
    value += text;
    at += all.length;
  }
  throw new QueryError('a string is not closed', start);
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Milliseconds of Prometheus' durations, `1h30m`; units must descend. */
export function milliseconds(text: string, at = 0): number {
  let sum = 0;
  let last = Number.POSITIVE_INFINITY;
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) {
    const size = UNITS[unit] ?? 0;
    if (size >= last) throw new QueryError(`${text} is no duration: its units must go from large to small`, at);
    last = size;
    sum += Number(count) * size;
  }
  if (!Number.isSafeInteger(sum)) throw new QueryError(`${text} is too long a duration`, at);
  return sum;
}
