/** envoy.config.common.matcher.v3.MatchPredicate, where it is about answers. */
import type { AnswerMatcher } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';
import { decodeHeader, encodeHeader } from './matcher.ts';

type Wire = Messages['envoy.config.common.matcher.v3.MatchPredicate'];

/** More than anybody writes. */
const MOST_LEVELS = 16;

export const decodeAnswerMatcher = (cursor: Cursor<Wire>): AnswerMatcher => decodeAt(cursor, MOST_LEVELS);

function decodeAt(cursor: Cursor<Wire>, levels: number): AnswerMatcher {
  if (levels === 0) cursor.refuse('unsupported-value', `matchers within more than ${MOST_LEVELS} others`);
  for (const kind of ['or', 'and'] as const) {
    const rules = cursor.within(`${kind}_match`, (set) => set.each('rules', (rule) => decodeAt(rule, levels - 1)));
    if (rules !== undefined) return { kind, rules };
  }
  const rule = cursor.within('not_match', (inner) => decodeAt(inner, levels - 1));
  if (rule !== undefined) return { kind: 'not', rule };
  const headers = cursor.within('http_response_headers_match', (match) => match.each('headers', decodeHeader));
  if (headers !== undefined) return { kind: 'headers', headers };
  if (cursor.take('any_match') !== true) cursor.fault('any_match', 'invalid-value', 'must be true');
  return { kind: 'any' };
}

export function encodeAnswerMatcher(matcher: AnswerMatcher): Wire {
  switch (matcher.kind) {
    case 'any':
      return { any_match: true };
    case 'or':
      return { or_match: { rules: matcher.rules.map(encodeAnswerMatcher) } };
    case 'and':
      return { and_match: { rules: matcher.rules.map(encodeAnswerMatcher) } };
    case 'not':
      return { not_match: encodeAnswerMatcher(matcher.rule) };
    case 'headers':
      return { http_response_headers_match: { headers: matcher.headers.map(encodeHeader) } };
  }
}
