/** Gateway API HTTPRequestRedirectFilter and HTTPURLRewriteFilter: another scheme, host, port or path. */
import { preciseHostname } from '../../schema/formats.ts';
import { defaulted, integer, object, oneOf, optional, string } from '../../schema/schema.ts';
import { pathModifier } from './path-modifier.ts';

export const requestRedirect = object({
  scheme: optional(oneOf(['http', 'https']), 'The new scheme. Absent: the request’s.'),
  hostname: optional(string({ format: preciseHostname }), 'The new host name. Absent: the request’s.'),
  path: optional(pathModifier, 'The new path. Absent: the request’s.'),
  port: optional(
    integer(1, 65_535),
    'The new port. Absent: the well-known one of `scheme` if that is given, else the port the request came to.',
  ),
  statusCode: defaulted(integer(301, 308, [301, 302, 303, 307, 308]), 302, 'The status of the answer.'),
});

export const urlRewrite = object({
  hostname: optional(string({ format: preciseHostname }), 'The new host name. Absent: unchanged.'),
  path: optional(pathModifier, 'The new path. Absent: unchanged.'),
});
