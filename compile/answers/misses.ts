/** Why no route took a request: for each candidate what of it did not hold. */
import { linearRegex, queryParameter, type RequestView } from '@weft/core/decide';
import type { HttpEntryRow, HttpMatchRow, NamedMatch, TextMatch } from '@weft/core/mesh-view';
import type { Miss } from './explanation.ts';

/** So many candidates are told, those with the fewest reasons first. */
const MOST = 5;

export const missesOf = (entries: readonly HttpEntryRow[], request: RequestView): readonly Miss[] =>
  entries
    .map((entry) => missOf(entry, request))
    .toSorted((a, b) => a.because.length - b.because.length)
    .slice(0, MOST);

function missOf({ match, source }: HttpEntryRow, request: RequestView): Miss {
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
  return { source, because };
}

function pathHolds(match: HttpMatchRow['path'], path: string): boolean {
  switch (match.kind) {
    case 'exact':
      return path === match.value;
    case 'prefix':
      return match.value === '/' || path === match.value || path.startsWith(`${match.value}/`);
    case 'regex':
      return regexHolds(match.regex, path);
  }
}

const pathWords = (match: HttpMatchRow['path']): string => {
  if (match.kind === 'exact') return match.value;
  return match.kind === 'prefix' ? `${match.value} or below` : `matched by ${match.regex}`;
};

const named = ({ name, value }: NamedMatch): string =>
  value.kind === 'exact' ? `${name} is not ${JSON.stringify(value.value)}` : `${name} is not matched by ${value.regex}`;

const found = (value: string | undefined): string =>
  value === undefined ? 'it is missing' : `it is ${JSON.stringify(value)}`;

const holds = (match: TextMatch, value: string | undefined): boolean =>
  value !== undefined && (match.kind === 'exact' ? value === match.value : regexHolds(match.regex, value));

const regexHolds = (regex: string, text: string): boolean => linearRegex(regex)?.matches(text) ?? false;
