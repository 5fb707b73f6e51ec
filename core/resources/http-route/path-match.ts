/** Gateway API HTTPPathMatch. */
import type { Report } from '../schema/schema.ts';
import { defaulted, object, oneOf, string } from '../schema/schema.ts';
import { checkRegex } from './regex.ts';

const CHARACTERS = /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+$/;

/** Sequences that a normalised path never holds, so that such a match could never hold either. */
const FORBIDDEN: readonly (readonly [test: RegExp, shown: string])[] = [
  [/\/\//, '//'],
  [/\/\.(?:\/|$)/, '/.'],
  [/\/\.\.(?:\/|$)/, '/..'],
  [/%2f/i, '%2F'],
  [/#/, '#'],
];

/** `value` as an Exact or PathPrefix path: absolute, normalised, of RFC 3986's path characters. */
export function checkPath(value: string, report: Report): void {
  if (!value.startsWith('/')) report(['value'], 'invalid-path', 'must begin with `/`', `write \`/${value}\``);
  let named = false;
  for (const [test, shown] of FORBIDDEN) {
    if (!test.test(value)) continue;
    named = true;
    report(['value'], 'invalid-path', `must not contain \`${shown}\`: a request’s path never does when it is matched`);
  }
  if (!named && !CHARACTERS.test(value)) {
    report(
      ['value'],
      'invalid-path',
      "holds a character that no path has: letters, digits and -._~!$&'()*+,;=:@/ are allowed",
      'percent-encode it',
    );
  }
}

export const pathMatch = object(
  {
    type: defaulted(
      oneOf(['Exact', 'PathPrefix', 'RegularExpression']),
      'PathPrefix',
      '`Exact`: the whole path. `PathPrefix`: whole path elements, `/a` matches `/a` and `/a/b` but not `/ab`. `RegularExpression`: RE2, the whole path. The query is never part of it.',
    ),
    value: defaulted(string({ maxLength: 1024 }), '/', 'The path, prefix or expression. Case matters.'),
  },
  ({ type, value }, report) => {
    if (type === 'RegularExpression') checkRegex(value, report);
    else checkPath(value, report);
  },
);
