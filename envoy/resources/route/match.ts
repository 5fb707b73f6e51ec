/** envoy.config.route.v3.RouteMatch. */
import { parseUriTemplate } from '@weft/core/decide';
import type { CookieMatcher, RouteMatch } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { some, type Encoding } from '../base/encoding.ts';
import {
  decodeFraction,
  decodeHeader,
  decodeQuery,
  decodeRegex,
  decodeString,
  encodeFraction,
  encodeHeader,
  encodeQuery,
  encodeString,
} from '../base/matcher.ts';
import { decodeMetadataMatcher, encodeMetadataMatcher } from '../base/metadata-matcher.ts';

type Wire = Messages['envoy.config.route.v3.RouteMatch'];

const URI_TEMPLATE = 'envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig';

export function decodeMatch(cursor: Cursor<Wire>): RouteMatch {
  return {
    path: decodePath(cursor),
    headers: cursor.each('headers', decodeHeader),
    queryParameters: cursor.each('query_parameters', decodeQuery),
    cookies: cursor.each('cookies', decodeCookie),
    tls: cursor.within('tls_context', (tls) => ({
      presented: tls.take('presented'),
      validated: tls.take('validated'),
    })),
    dynamicMetadata: cursor.each('dynamic_metadata', decodeMetadataMatcher),
    grpc: cursor.within('grpc', () => true) ?? false,
    fraction: cursor.within('runtime_fraction', decodeFraction),
  };
}

function decodePath(cursor: Cursor<Wire>): RouteMatch['path'] {
  const ignoreCase = !(cursor.take('case_sensitive') ?? true);
  const plain = [
    ['prefix', 'prefix'],
    ['exact', 'path'],
    ['path-separated-prefix', 'path_separated_prefix'],
  ] as const;
  for (const [kind, field] of plain) {
    const value = cursor.take(field);
    if (value !== undefined) return { kind, value, ignoreCase };
  }
  const regex = cursor.within('safe_regex', decodeRegex);
  if (regex !== undefined) {
    if (ignoreCase)
      cursor.fault('case_sensitive', 'invalid-value', 'Envoy ignores it beside safe_regex', 'write (?i) into it');
    return { kind: 'regex', regex, ignoreCase: false };
  }
  const template = cursor.within('path_match_policy', decodeTemplate);
  if (template !== undefined) {
    if (ignoreCase) cursor.fault('case_sensitive', 'invalid-value', 'has no effect on a path template');
    return { kind: 'template', template };
  }
  if (cursor.within('connect_matcher', () => true) !== true) {
    cursor.refuse('missing-field', 'a match needs a path, at least prefix: /');
  }
  return { kind: 'connect' };
}

function decodeTemplate(cursor: Cursor<Messages['envoy.config.core.v3.TypedExtensionConfig']>): string {
  cursor.take('name');
  const template = readingAny(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [URI_TEMPLATE]: (inner) => {
      const text = inner.take('path_template') ?? '';
      if (parseUriTemplate(text) === undefined) inner.fault('path_template', 'invalid-value', 'no URI template');
      return text;
    },
  });
  return template ?? '/';
}

const decodeCookie = (cursor: Cursor<Messages['envoy.config.route.v3.CookieMatcher']>): CookieMatcher => ({
  name: cursor.take('name') ?? '',
  matcher: cursor.within('string_match', decodeString) ?? { kind: 'prefix', value: '', ignoreCase: false },
  invert: cursor.take('invert_match') ?? false,
});

const encodeCookie = ({ name, matcher, invert }: CookieMatcher): Messages['envoy.config.route.v3.CookieMatcher'] => ({
  name,
  string_match: encodeString(matcher),
  invert_match: invert ? true : undefined,
});

export function encodeMatch(match: RouteMatch, encoding: Encoding, path: string): Wire {
  if (encoding.profile.engine === 'grpc') checkForGrpc(match, encoding, path);
  return {
    ...encodePath(match.path, encoding, path),
    runtime_fraction: match.fraction === undefined ? undefined : encodeFraction(match.fraction),
    headers: some(match.headers.map(encodeHeader)),
    query_parameters: some(match.queryParameters.map(encodeQuery)),
    cookies: some(match.cookies.map(encodeCookie)),
    tls_context: match.tls,
    dynamic_metadata: some(match.dynamicMetadata.map(encodeMetadataMatcher)),
    grpc: match.grpc && encoding.profile.engine !== 'grpc' ? {} : undefined,
  };
}

function encodePath(path: RouteMatch['path'], encoding: Encoding, at: string): Wire {
  if (path.kind === 'connect') return { connect_matcher: {} };
  if (path.kind === 'template') {
    return {
      path_match_policy: {
        name: 'envoy.path.match.uri_template.uri_template_matcher',
        typed_config: pack(URI_TEMPLATE, { path_template: path.template }),
      },
    };
  }
  if (path.kind === 'regex') {
    if (path.ignoreCase) {
      encoding.cannotSay(
        `${at}.path.ignoreCase`,
        'Envoy ignores it beside an expression',
        'error',
        'write (?i) into it',
      );
    }
    return { safe_regex: { regex: path.regex } };
  }
  const case_sensitive = path.ignoreCase ? false : undefined;
  switch (path.kind) {
    case 'prefix':
      return { prefix: path.value, case_sensitive };
    case 'exact':
      return { path: path.value, case_sensitive };
    case 'path-separated-prefix':
      return encoding.profile.engine === 'grpc'
        ? { safe_regex: { regex: `${literal(path.value)}(?:/.*)?` } }
        : { path_separated_prefix: path.value, case_sensitive };
  }
}

/** An expression that matches the text and nothing else. */
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

function checkForGrpc(match: RouteMatch, encoding: Encoding, path: string): void {
  if (match.path.kind === 'connect') encoding.cannotSay(`${path}.path`, 'gRPC clients do not send CONNECT', 'error');
  if (match.queryParameters.length > 0) {
    encoding.cannotSay(`${path}.queryParameters`, 'gRPC requests have no query: the route would never match', 'error');
  }
  const { cookies, tls, dynamicMetadata } = match;
  if (cookies.length + dynamicMetadata.length > 0 || tls !== undefined || match.path.kind === 'template')
    encoding.cannotSay(path, 'gRPC clients match by no cookie, certificate, metadata or path template', 'error');
  match.headers.forEach((header, index) => {
    if (header.treatMissingAsEmpty) {
      encoding.cannotSay(`${path}.headers[${index}].treatMissingAsEmpty`, 'gRPC clients do not know it', 'error');
    }
  });
}
