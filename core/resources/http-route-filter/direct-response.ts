/** An answer that proxies give themselves (envoy.config.route.v3.DirectResponseAction). */
import { headerValue } from '../schema/formats.ts';
import { defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';

/** Octets; Envoy's default limit for such a body (max_direct_response_body_size_bytes). */
export const MAX_BODY = 4096;

const body = object(
  {
    type: defaulted(
      oneOf(['Inline'], { ValueRef: 'a body stands in the filter itself: write `type: Inline` and `inline`' }),
      'Inline',
      '`Inline`: the text in `inline`.',
    ),
    inline: required(string({ maxLength: MAX_BODY }), `The text; at most ${MAX_BODY} bytes in UTF-8.`),
  },
  ({ inline }, report) => {
    const length = utf8Length(inline);
    if (length > MAX_BODY)
      report(['inline'], 'too-long', `at most ${MAX_BODY} bytes in UTF-8 are allowed, found ${length}`);
  },
);

export const directResponse = object(
  {
    statusCode: defaulted(
      integer(200, 599),
      200,
      'The status of the answer. By 201 and 3xx it says in `location` what was asked for; a redirect is HTTPRoute’s `RequestRedirect`.',
    ),
    contentType: optional(
      string({ format: headerValue, maxLength: 256 }),
      'The header `content-type` of the answer. Absent: `text/plain` where there is a body.',
    ),
    body: optional(body, 'The body of the answer. Absent: none.'),
  },
  ({ statusCode, body: text }, report) => {
    if (text !== undefined && BODILESS.has(statusCode))
      report(['body'], 'exclusive-fields', `an answer with status ${statusCode} has no body`, 'remove it');
  },
);

/** RFC 9110, 15.3.5, 15.3.6, 15.4.5. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return length;
}
