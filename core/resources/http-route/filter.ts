/** Gateway API HTTPRouteFilter: what happens to a request or response on its way. */
import { dnsSubdomain, group, kindName } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, object, oneOf, optional, required, string } from '../schema/schema.ts';
import { cors } from './filters/cors.ts';
import { externalAuth } from './filters/external-auth.ts';
import { headerModifier } from './filters/header-modifier.ts';
import { requestRedirect, urlRewrite } from './filters/location.ts';
import { requestMirror } from './filters/request-mirror.ts';
import { checkMember } from './filters/tagged.ts';

const extensionRef = object({
  group: required(string({ format: group, minLength: 0 }), 'The group.'),
  kind: required(string({ format: kindName }), 'The kind.'),
  name: required(string({ format: dnsSubdomain }), 'The name.'),
});

const MEMBERS = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
  CORS: 'cors',
  ExternalAuth: 'externalAuth',
  ExtensionRef: 'extensionRef',
} as const;

export const filter = object(
  {
    type: required(
      oneOf([
        'RequestHeaderModifier',
        'ResponseHeaderModifier',
        'RequestMirror',
        'RequestRedirect',
        'URLRewrite',
        'CORS',
        'ExternalAuth',
        'ExtensionRef',
      ]),
      'Which filter; the field of the same name beside it says how.',
    ),
    requestHeaderModifier: optional(headerModifier, 'Changes headers of the request.'),
    responseHeaderModifier: optional(headerModifier, 'Changes headers of the response.'),
    requestMirror: optional(requestMirror, 'Sends a copy of the request elsewhere. May stand several times.'),
    requestRedirect: optional(requestRedirect, 'Answers with a redirect. Not beside `backendRefs` and `URLRewrite`.'),
    urlRewrite: optional(urlRewrite, 'Changes host name and path of the request. Not beside `RequestRedirect`.'),
    cors: optional(
      cors,
      'Answers cross-origin checks of browsers (preflights), and says on responses who may read them.',
    ),
    externalAuth: optional(externalAuth, 'Asks a service whether the request may pass. Of a rule only.'),
    extensionRef: optional(
      extensionRef,
      'A weft.dev HTTPRouteFilter of the route’s namespace, or an Extension: its service lets the request pass, or changes it and its answer; an Extension of a rule only. While it is not there requests get 500.',
    ),
  },
  (value, report) => checkMember(value.type, MEMBERS, value, report),
);

export type HTTPRouteFilter = Complete<typeof filter>;

export const filters = array(filter, { maxItems: 16 });

/** Filters of one rule or backend: each type once (ExtensionRef and RequestMirror may repeat), redirect and rewrite not together. */
export function checkFilters(list: readonly HTTPRouteFilter[], report: Report): void {
  const first = new Map<string, number>();
  for (const [index, { type }] of list.entries()) {
    const before = first.get(type);
    if (before === undefined) first.set(type, index);
    else if (type !== 'RequestMirror' && type !== 'ExtensionRef') {
      report(['filters', index, 'type'], 'duplicate-entry', `\`${type}\` is filter ${before} already`, 'merge the two');
    }
  }
  const rewrite = first.get('URLRewrite');
  if (rewrite !== undefined && first.has('RequestRedirect')) {
    report(
      ['filters', rewrite, 'type'],
      'exclusive-fields',
      '`URLRewrite` is not allowed beside `RequestRedirect`',
      'remove one',
    );
  }
}
