/** Origins that a rule's filter CORS cannot write: by expression (envoy.extensions.filters.http.cors.v3.CorsPolicy.allow_origin_string_match). */
import { checkRegex } from '../http-route/regex.ts';
import { array, object, required, string } from '../schema/schema.ts';

export const cors = object(
  {
    allowOriginRegexes: required(
      array(string({ maxLength: 1024 }), { minItems: 1, maxItems: 16, uniqueBy: 'item' }),
      'Expressions of RE2, any of which matches the whole origin, such as `https://pr-[0-9]+\\.shop\\.example`; beside `allowOrigins`. Write `\\.` for a dot: `.` stands for any character.',
    ),
  },
  ({ allowOriginRegexes }, report) => {
    for (const [index, regex] of allowOriginRegexes.entries())
      checkRegex(regex, (_, ...rest) => report(['allowOriginRegexes', index], ...rest));
  },
);
