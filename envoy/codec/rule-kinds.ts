/** Single limits of protoc-gen-validate as plain functions. */
import { parseIp } from '@weft/core/kernel';
import type { FieldRules } from '../tables/index.ts';
import { characters, utf8Length } from './utf8.ts';

const HEADER_NAME = /^:?[0-9a-zA-Z!#$%&'*+\-.^_|~`]+$/;
// oxlint-disable-next-line no-control-regex
const HEADER_VALUE = /^[^\u0000-\u0008\u000A-\u001F\u007F]*$/;
// oxlint-disable-next-line no-control-regex
const LOOSE = /^[^\u0000\u000A\u000D]*$/;

/** What is wrong with `text`, undefined when nothing is. */
export function stringFault(rule: NonNullable<FieldRules['string']>, text: string): string | undefined {
  if (rule.ignore_empty === true && text === '') return undefined;
  const length = rule.min_len === undefined && rule.max_len === undefined ? 0 : characters(text);
  if (rule.const !== undefined && text !== rule.const) return `must be "${rule.const}"`;
  if (rule.min_len !== undefined && length < Number(rule.min_len)) {
    return rule.min_len === '1' ? 'must not be empty' : `needs at least ${rule.min_len} characters`;
  }
  if (rule.max_len !== undefined && length > Number(rule.max_len)) return `has more than ${rule.max_len} characters`;
  const bytes = rule.min_bytes === undefined && rule.max_bytes === undefined ? 0 : utf8Length(text);
  if (rule.min_bytes !== undefined && bytes < Number(rule.min_bytes)) return `needs at least ${rule.min_bytes} bytes`;
  if (rule.max_bytes !== undefined && bytes > Number(rule.max_bytes)) return `has more than ${rule.max_bytes} bytes`;
  if (rule.prefix !== undefined && !text.startsWith(rule.prefix)) return `must start with "${rule.prefix}"`;
  if (rule.suffix !== undefined && !text.endsWith(rule.suffix)) return `must end with "${rule.suffix}"`;
  if (rule.pattern !== undefined && !patternOf(rule.pattern).test(text)) return `must match ${rule.pattern}`;
  if (rule.in !== undefined && !rule.in.includes(text)) return `must be one of ${rule.in.join(', ')}`;
  if (rule.ip === true && parseIp(text) === undefined) return 'must be an IP address';
  if (rule.well_known_regex === 'HTTP_HEADER_NAME' && !(rule.strict === false ? LOOSE : HEADER_NAME).test(text)) {
    return 'must be a header name';
  }
  if (rule.well_known_regex === 'HTTP_HEADER_VALUE' && !(rule.strict === false ? LOOSE : HEADER_VALUE).test(text)) {
    return 'must be a header value';
  }
  return undefined;
}

/** Of the tables, which have few. */
const patterns = new Map<string, RegExp>();

function patternOf(text: string): RegExp {
  let pattern = patterns.get(text);
  if (pattern === undefined) patterns.set(text, (pattern = new RegExp(text, 'u')));
  return pattern;
}

/** Nanoseconds of a proto3 JSON duration such as `0.001s`. */
export function durationText(text: string): bigint {
  const [seconds = '0', fraction = ''] = text.replace(/s$/, '').split('.');
  const nanos = BigInt(fraction.padEnd(9, '0') || '0');
  return BigInt(seconds) * 1_000_000_000n + (text.startsWith('-') ? -nanos : nanos);
}
