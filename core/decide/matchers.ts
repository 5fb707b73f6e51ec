/** String, header and query matchers compiled once (envoy.type.matcher.v3, envoy.config.route.v3). Pure predicates. */
import type { CookieMatcher, HeaderMatcher, QueryParameterMatcher, StringMatcher } from '../proxy-config/index.ts';
import { linearRegex } from './regex.ts';
import { matchedHeader, type HeaderView } from './request.ts';

export type StringPredicate = (text: string) => boolean;
/** Reports an expression that cannot be compiled. */
export type ReportFault = (message: string) => void;

const never: StringPredicate = () => false;

export function compileString(matcher: StringMatcher, report: ReportFault): StringPredicate {
  if (matcher.kind === 'regex') {
    const regex = linearRegex(matcher.regex);
    if (regex !== undefined) return (text) => regex.matches(text);
    report(`regular expression ${JSON.stringify(matcher.regex)} is not RE2 syntax`);
    return never;
  }
  const { kind, ignoreCase } = matcher;
  const wanted = ignoreCase ? matcher.value.toLowerCase() : matcher.value;
  const test: StringPredicate =
    kind === 'exact'
      ? (text) => text === wanted
      : kind === 'prefix'
        ? (text) => text.startsWith(wanted)
        : kind === 'suffix'
          ? (text) => text.endsWith(wanted)
          : (text) => text.includes(wanted);
  return ignoreCase ? (text) => test(text.toLowerCase()) : test;
}

/**
 * How a repeated header counts. `joined` is Envoy's view for routes: the values joined by `,`. Policies are stricter, so that an extra
 * value can neither slip past a denial nor gain an allowance: `any` matches when the joined text or one value does, `all` when
 * every value does.
 */
export type Repetition = 'joined' | 'any' | 'all';

export type RequestPredicate = (request: HeaderView, repetition: Repetition) => boolean;

/** A missing header matches nothing, not even an inverted matcher, unless it counts as empty or presence is what is asked. */
export function compileHeader(matcher: HeaderMatcher, report: ReportFault): RequestPredicate {
  const { name, invert, treatMissingAsEmpty, match } = matcher;
  if (match.kind === 'present') {
    const wanted = match.present !== invert;
    return (request) => (treatMissingAsEmpty || matchedHeader(request, name) !== undefined) === wanted;
  }
  const test: StringPredicate =
    match.kind === 'string' ? compileString(match.matcher, report) : range(match.start, match.end);
  return (request, repetition) => {
    const joined = matchedHeader(request, name) ?? (treatMissingAsEmpty ? '' : undefined);
    if (joined === undefined) return false;
    if (repetition === 'joined' || request.headerValue(name, 1) === undefined) return test(joined) !== invert;
    // Inversion turns "any value" into "not all values" and back.
    return repeated(request, name, test, joined, (repetition === 'any') !== invert) !== invert;
  };
}

function repeated(request: HeaderView, name: string, test: StringPredicate, joined: string, any: boolean): boolean {
  if (any && test(joined)) return true;
  for (let index = 0; ; index += 1) {
    const value = request.headerValue(name, index);
    if (value === undefined) return !any;
    if (test(value) === any) return any;
  }
}

function range(start: number, end: number): StringPredicate {
  return (text) => {
    const trimmed = text.trim();
    if (!/^[+-]?\d{1,18}$/.test(trimmed)) return false;
    const value = Number(trimmed);
    return value >= start && value < end;
  };
}

/** The first value of the parameter counts; names and values are compared as they were sent, not decoded. */
export function compileQueryParameter(
  matcher: QueryParameterMatcher,
  report: ReportFault,
): (query: string | undefined) => boolean {
  const { name, match } = matcher;
  if (match.kind === 'present') return (query) => (queryParameter(query, name) !== undefined) === match.present;
  const test = compileString(match.matcher, report);
  return (query) => {
    const value = queryParameter(query, name);
    return value !== undefined && test(value);
  };
}

export function queryParameter(query: string | undefined, name: string): string | undefined {
  if (query === undefined) return undefined;
  let from = 0;
  while (from <= query.length) {
    let end = query.indexOf('&', from);
    if (end < 0) end = query.length;
    let equals = query.indexOf('=', from);
    if (equals < 0 || equals > end) equals = end;
    if (equals - from === name.length && query.startsWith(name, from))
      return query.slice(Math.min(equals + 1, end), end);
    from = end + 1;
  }
  return undefined;
}

/** The first cookie of that name counts, quotes around its value do not. */
export function compileCookie(
  { name, matcher, invert }: CookieMatcher,
  report: ReportFault,
): (request: HeaderView) => boolean {
  const test = compileString(matcher, report);
  return (request) => {
    const value = cookieValue(request.header('cookie'), name);
    return value === undefined ? invert : test(value) !== invert;
  };
}

/** The value of a cookie in a Cookie header (RFC 6265, 4.2.1); undefined without. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (const pair of header.split(/[;,]/)) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    const value = pair.slice(equals + 1).trim();
    return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  }
  return undefined;
}
