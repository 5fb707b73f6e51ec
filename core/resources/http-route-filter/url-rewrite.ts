/** A rewrite of paths by expression (envoy.config.route.v3.RouteAction.regex_rewrite). The new path goes into a request line. */
import { re2 } from '../../decide/re2.ts';
import { checkRegex, regexError } from '../http-route/regex.ts';
import { object, oneOf, optional, required, string } from '../schema/schema.ts';

/** Visible ASCII without `#` and `?`; a backslash stands before a digit or another one. */
const SUBSTITUTION = /^(?:[!"$->@-[\]-~]|\\[0-9\\])*$/;

const replaceRegexMatch = object(
  {
    pattern: required(
      string({ maxLength: 1024 }),
      'RE2: each part of the path that it matches is replaced. The query is no part of the path. `^` and `$` bind it to the beginning and the end.',
    ),
    substitution: required(
      string({ minLength: 0, maxLength: 1024 }),
      'What stands there instead: `\\1` to `\\9` are groups of the expression, `\\0` all of the match, `\\\\` a backslash. What would leave no path at all leaves it as it is; what does not begin with `/` is answered with 400.',
    ),
  },
  ({ pattern, substitution }, report) => {
    checkRegex(pattern, (_, ...rest) => report(['pattern'], ...rest));
    if (!SUBSTITUTION.test(substitution))
      report(
        ['substitution'],
        'invalid-path',
        'must hold visible ASCII characters without `#` and `?` only, and a backslash before a digit or a backslash',
        'percent-encode the others',
      );
    else if (regexError(pattern) === undefined) {
      const most = re2().compile(pattern).groupCount();
      const asked = Math.max(
        0,
        ...[...substitution.matchAll(/\\(.)/g)].map(([, digit]) => Number(digit)).filter(Number.isInteger),
      );
      if (asked > most)
        report(
          ['substitution'],
          'out-of-range',
          `\`\\${asked}\` is no group: the expression has ${most}`,
          'put parentheses around what is meant',
        );
    }
  },
);

const path = object({
  type: required(
    oneOf(['ReplaceRegexMatch']),
    '`ReplaceRegexMatch`: by an expression. What HTTPRoute can say itself, its filter `URLRewrite` says.',
  ),
  replaceRegexMatch: required(replaceRegexMatch, 'The expression, and what replaces it.'),
});

export const urlRewrite = object({ path: optional(path, 'The new path. Absent: unchanged.') }, (value, report) => {
  if (value.path === undefined) report([], 'missing-field', 'changes nothing', 'add `path`');
});
