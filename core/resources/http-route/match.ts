/** Gateway API HTTPRouteMatch: all given conditions must hold. */
import { headerName, headerValue } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, defaulted, object, oneOf, optional, required, string } from '../schema/schema.ts';
import { pathMatch } from './path-match.ts';
import { checkRegex } from './regex.ts';

const VALUE_TYPE_DOC = '`Exact`: equal, case matters. `RegularExpression`: RE2, the whole value.';

export const headerMatch = object(
  {
    type: defaulted(oneOf(['Exact', 'RegularExpression']), 'Exact', VALUE_TYPE_DOC),
    name: required(
      string({ format: headerName }),
      'The header’s name; case does not matter. A header that came several times is compared as one value, joined by `,`.',
    ),
    value: required(string({ maxLength: 4096 }), 'The value or expression.'),
  },
  ({ type, value }, report) => {
    if (type === 'RegularExpression') checkRegex(value, report);
    else if (!headerValue.accepts(value)) report(['value'], 'invalid-value', `expected ${headerValue.expected}`);
  },
);

const queryMatch = object(
  {
    type: defaulted(oneOf(['Exact', 'RegularExpression']), 'Exact', VALUE_TYPE_DOC),
    name: required(
      string({ format: headerName }),
      'The parameter’s name; case matters. Of a parameter that came several times the first value counts.',
    ),
    value: required(string({ maxLength: 1024 }), 'The value or expression, after percent-decoding.'),
  },
  ({ type, value }, report) => {
    if (type === 'RegularExpression') checkRegex(value, report);
  },
);

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] as const;

export const match = object(
  {
    path: defaulted(pathMatch, { type: 'PathPrefix', value: '/' }, 'The request’s path.'),
    headers: optional(array(headerMatch, { maxItems: 16, uniqueBy: ['name'] }), 'Headers, all of which must match.'),
    queryParams: optional(
      array(queryMatch, { maxItems: 16, uniqueBy: ['name'] }),
      'Query parameters, all of which must match.',
    ),
    method: optional(oneOf(METHODS), 'The request’s method. Absent: any.'),
  },
  ({ headers }, report) => {
    warnOfEquivalentNames(['headers'], headers ?? [], report);
  },
);

export type HTTPRouteMatch = Complete<typeof match>;

/** Names that differ in case alone: Gateway API counts the first entry only; said, not ignored. */
export function warnOfEquivalentNames(
  path: readonly (string | number)[],
  entries: readonly { readonly name: string }[],
  report: Report,
): void {
  const seen = new Map<string, number>();
  for (const [index, { name }] of entries.entries()) {
    const first = seen.get(name.toLowerCase());
    if (first === undefined) seen.set(name.toLowerCase(), index);
    else if (entries[first]?.name !== name) {
      report(
        [...path, index, 'name'],
        'duplicate-entry',
        `the same header as item ${first}: has no effect`,
        'remove one',
        'warning',
      );
    }
  }
}
