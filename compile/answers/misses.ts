/** Why no route took a request: for each candidate what of it did not hold. */
import { compileHeader, linearRegex, queryParameter, type RequestView } from '@weft/core/decide';
import {
  callersWords,
  type Entrance,
  type HttpEntryRow,
  type HttpMatchRow,
  type NamedMatch,
  type TextMatch,
} from '@weft/core/mesh-view';
import type { HeaderMatcher } from '@weft/core/proxy-config';
import type { Miss } from './explanation.ts';

/** So many candidates are told, those with the fewest reasons first. */
const MOST = 5;

export const missesOf = (entries: readonly HttpEntryRow[], request: RequestView, entrance: Entrance): readonly Miss[] =>
  entries
    .map((entry) => missOf(entry, request, entrance))
    .toSorted((a, b) => a.because.length - b.because.length)
    .slice(0, MOST);

function missOf({ match, source }: HttpEntryRow, request: RequestView, entrance: Entrance): Miss {
  const because: string[] = [];
  if (!pathHolds(match.path, request.path)) because.push(`the path is not ${pathWords(match.path)}`);
  if (match.method !== '' && match.method !== request.method) because.push(`the method is not ${match.method}`);
  for (const header of match.headers) {
    const value = request.header(header.name);
    if (!holds(header.value, value)) because.push(`the header ${named(header)}: ${found(value)}`);
  }
  for (const parameter of match.queryParameters) {
    const value = queryParameter(request.query, parameter.name);
    if (!holds(parameter.value, value)) because.push(`the query parameter ${named(parameter)}: ${found(value)}`);
  }
  const { scheme, headers = [], from = [] } = match.conditions ?? {};
  if (scheme !== undefined && scheme !== entrance.scheme) because.push(`the scheme is not ${scheme}`);
  for (const key of from)
    if (!entrance.callers.includes(key)) because.push(`the caller is not of ${callersWords(key)}`);
  for (const header of headers)
    if (!compileHeader(header, () => {})(request, 'joined'))
      because.push(`the header ${conditionWords(header)}: ${found(request.header(header.name))}`);
  return { source, because };
}

/** What does not hold. */
function conditionWords({ name, match, invert }: HeaderMatcher): string {
  const not = invert ? '' : ' not';
  if (match.kind === 'present') return `${name} is${match.present ? ' not' : ''} there`;
  if (match.kind === 'range') return `${name} is${not} a number from ${match.start} to below ${match.end}`;
  const { matcher } = match;
  if (matcher.kind === 'regex') return `${name} is${not} matched by ${matcher.regex}`;
  const words = { exact: '', prefix: ' at its beginning', suffix: ' at its end', contains: ' somewhere' };
  return `${name} is${not} ${JSON.stringify(matcher.value)}${words[matcher.kind]}`;
}

function pathHolds(match: HttpMatchRow['path'], asked: string): boolean {
  if (match.kind === 'regex') return linearRegex(match.regex, match.ignoreCase)?.matches(asked) ?? false;
  const [path, value] =
    match.ignoreCase === true ? [asked.toLowerCase(), match.value.toLowerCase()] : [asked, match.value];
  return path === value || (match.kind === 'prefix' && (value === '/' || path.startsWith(`${value}/`)));
}

const pathWords = (match: HttpMatchRow['path']): string => {
  const words =
    match.kind === 'exact'
      ? match.value
      : match.kind === 'prefix'
        ? `${match.value} or below`
        : `matched by ${match.regex}`;
  return match.ignoreCase === true ? `${words}, whatever its case` : words;
};

const named = ({ name, value }: NamedMatch): string =>
  value.kind === 'exact' ? `${name} is not ${JSON.stringify(value.value)}` : `${name} is not matched by ${value.regex}`;

const found = (value: string | undefined): string =>
  value === undefined ? 'it is missing' : `it is ${JSON.stringify(value)}`;

const holds = (match: TextMatch, value: string | undefined): boolean =>
  value !== undefined && (match.kind === 'exact' ? value === match.value : regexHolds(match.regex, value));

const regexHolds = (regex: string, text: string): boolean => linearRegex(regex)?.matches(text) ?? false;
