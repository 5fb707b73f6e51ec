/** Gateway API HTTPRouteFilter: what happens to a request or response on its way. */
import { backendObject, checkBackendObject } from '../gateway/backend-ref.ts';
import { dnsSubdomain, group, headerName, headerValue, kindName, preciseHostname } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import {
  array,
  boolean,
  defaulted,
  integer,
  object,
  oneOf,
  optional,
  required,
  string,
  unsupported,
} from '../schema/schema.ts';
import { METHODS, warnOfEquivalentNames } from './match.ts';

const header = object({
  name: required(string({ format: headerName }), 'The header’s name; case does not matter.'),
  value: required(string({ format: headerValue }), 'The value.'),
});

const headers = array(header, { maxItems: 16, uniqueBy: ['name'] });

const headerModifier = object(
  {
    set: optional(headers, 'Headers that replace those of the same name.'),
    add: optional(headers, 'Headers that are added to those of the same name.'),
    remove: optional(
      array(string({ format: headerName }), { maxItems: 16, uniqueBy: 'item' }),
      'Names of headers that are removed; case does not matter.',
    ),
  },
  ({ set, add, remove }, report) => {
    warnOfEquivalentNames(['set'], set ?? [], report);
    warnOfEquivalentNames(['add'], add ?? [], report);
    const changed = new Map<string, string>();
    const note = (where: string, name: string, at: readonly (string | number)[]): void => {
      const before = changed.get(name.toLowerCase());
      if (before === undefined || before === where) changed.set(name.toLowerCase(), where);
      else
        report(
          at,
          'duplicate-entry',
          `stands in \`${before}\` too: removals come first, then \`set\`, then \`add\``,
          'change a header in one way only',
          'warning',
        );
    };
    for (const [index, { name }] of (set ?? []).entries()) note('set', name, ['set', index, 'name']);
    for (const [index, { name }] of (add ?? []).entries()) note('add', name, ['add', index, 'name']);
    for (const [index, name] of (remove ?? []).entries()) note('remove', name, ['remove', index]);
  },
);

const REPLACEMENT = /^\/[!-"$-~]*$/;

const pathModifier = object(
  {
    type: required(
      oneOf(['ReplaceFullPath', 'ReplacePrefixMatch']),
      '`ReplaceFullPath`: the whole path. `ReplacePrefixMatch`: what the rule’s `PathPrefix` matched; the rule must have exactly that one match.',
    ),
    replaceFullPath: optional(string({ maxLength: 1024 }), 'The new path, with type `ReplaceFullPath`.'),
    replacePrefixMatch: optional(
      string({ minLength: 0, maxLength: 1024 }),
      'What stands for the prefix, with type `ReplacePrefixMatch`. Empty and `/` mean the same.',
    ),
  },
  (value, report) => {
    checkMember(
      value.type,
      { ReplaceFullPath: 'replaceFullPath', ReplacePrefixMatch: 'replacePrefixMatch' },
      value,
      report,
    );
    for (const name of ['replaceFullPath', 'replacePrefixMatch'] as const) {
      const text = value[name];
      if (text === undefined || REPLACEMENT.test(text) || (text === '' && name === 'replacePrefixMatch')) continue;
      report(
        [name],
        'invalid-path',
        'must begin with `/` and hold visible ASCII characters without `#` only',
        'percent-encode the others',
      );
    }
  },
);

export type PathModifier = Complete<typeof pathModifier>;

const requestRedirect = object({
  scheme: optional(oneOf(['http', 'https']), 'The new scheme. Absent: the request’s.'),
  hostname: optional(string({ format: preciseHostname }), 'The new host name. Absent: the request’s.'),
  path: optional(pathModifier, 'The new path. Absent: the request’s.'),
  port: optional(
    integer(1, 65_535),
    'The new port. Absent: the well-known one of `scheme` if that is given, else the port the request came to.',
  ),
  statusCode: defaulted(integer(301, 308, [301, 302, 303, 307, 308]), 302, 'The status of the answer.'),
});

const urlRewrite = object({
  hostname: optional(string({ format: preciseHostname }), 'The new host name. Absent: unchanged.'),
  path: optional(pathModifier, 'The new path. Absent: unchanged.'),
});

const fraction = object(
  {
    numerator: required(integer(0, 2_147_483_647), 'Of `denominator` requests so many.'),
    denominator: defaulted(integer(1, 2_147_483_647), 100, 'The whole.'),
  },
  ({ numerator, denominator }, report) => {
    if (numerator > denominator) report(['numerator'], 'out-of-range', 'is greater than `denominator`');
  },
);

const requestMirror = object(
  {
    backendRef: required(object(backendObject, checkBackendObject), 'Where the copy goes; its answer is thrown away.'),
    percent: optional(integer(0, 100), 'Share of the requests in percent. Absent, and no `fraction`: all.'),
    fraction: optional(fraction, 'Share of the requests as a fraction; not beside `percent`.'),
  },
  ({ percent, fraction: part }, report) => {
    if (percent !== undefined && part !== undefined)
      report(['fraction'], 'exclusive-fields', 'not beside `percent`', 'remove one');
  },
);

const ORIGIN = /^(?:\*|https?:\/\/(?:\*|(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)(?::\d{1,5})?)$/;

const cors = object(
  {
    allowOrigins: optional(
      array(string({ maxLength: 253 }), { maxItems: 64, uniqueBy: 'item' }),
      'Origins such as `https://*.shop.example`, or `*` alone.',
    ),
    allowCredentials: optional(boolean(), 'Whether cookies and Authorization may come along.'),
    allowMethods: optional(
      array(oneOf([...METHODS, '*']), { maxItems: 9, uniqueBy: 'item' }),
      'Methods, or `*` alone.',
    ),
    allowHeaders: optional(
      array(string({ format: headerName }), { maxItems: 64, uniqueBy: 'item' }),
      'Request headers, or `*` alone.',
    ),
    exposeHeaders: optional(
      array(string({ format: headerName }), { maxItems: 64, uniqueBy: 'item' }),
      'Response headers scripts may read.',
    ),
    maxAge: defaulted(integer(1, 2_147_483_647), 5, 'Seconds for which a browser may keep the answer.'),
  },
  (value, report) => {
    for (const name of ['allowOrigins', 'allowMethods', 'allowHeaders'] as const) {
      const words: readonly string[] = value[name] ?? [];
      if (words.length > 1 && words.includes('*'))
        report([name], 'exclusive-fields', '`*` stands alone', 'remove the others');
    }
    for (const [index, origin] of (value.allowOrigins ?? []).entries()) {
      if (!ORIGIN.test(origin))
        report(['allowOrigins', index], 'invalid-value', 'expected an origin such as `https://shop.example`, or `*`');
    }
  },
);

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
  ExtensionRef: 'extensionRef',
} as const;

const UNSUPPORTED =
  'Known, but not supported yet: a route with it gets the condition Accepted=False, reason UnsupportedValue.';

export const filter = object(
  {
    type: required(
      oneOf(
        [
          'RequestHeaderModifier',
          'ResponseHeaderModifier',
          'RequestMirror',
          'RequestRedirect',
          'URLRewrite',
          'CORS',
          'ExtensionRef',
        ],
        { ExternalAuth: 'it is an experiment of Gateway API' },
      ),
      'Which filter; the field of the same name beside it says how.',
    ),
    requestHeaderModifier: optional(headerModifier, 'Changes headers of the request.'),
    responseHeaderModifier: optional(headerModifier, 'Changes headers of the response.'),
    requestMirror: optional(requestMirror, `Sends a copy of the request elsewhere. ${UNSUPPORTED}`),
    requestRedirect: optional(requestRedirect, 'Answers with a redirect. Not beside `backendRefs` and `URLRewrite`.'),
    urlRewrite: optional(urlRewrite, 'Changes host name and path of the request. Not beside `RequestRedirect`.'),
    cors: optional(cors, `Answers cross-origin checks of browsers. ${UNSUPPORTED}`),
    externalAuth: unsupported('it is an experiment of Gateway API'),
    extensionRef: optional(extensionRef, `A filter of another kind. ${UNSUPPORTED}`),
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

/** A tagged union as Gateway API writes it: the member named by `type` is there, and no other. */
function checkMember(
  type: string,
  members: Readonly<Record<string, string>>,
  value: Readonly<Record<string, unknown>>,
  report: Report,
): void {
  for (const [tag, member] of Object.entries(members)) {
    if (tag === type && value[member] === undefined) {
      report([member], 'missing-field', `is required with type \`${type}\``, `add \`${member}\``);
    } else if (tag !== type && value[member] !== undefined) {
      report(
        [member],
        'exclusive-fields',
        `is not allowed with type \`${type}\``,
        `remove it, or write \`type: ${tag}\``,
      );
    }
  }
}
