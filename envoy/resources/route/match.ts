/** envoy.config.route.v3.RouteMatch. */
import type { RouteMatch } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { some, type Encoding } from '../base/encoding.ts';
import {
  decodeFraction,
  decodeHeader,
  decodeQuery,
  decodeRegex,
  encodeFraction,
  encodeHeader,
  encodeQuery,
} from '../base/matcher.ts';

type Wire = Messages['envoy.config.route.v3.RouteMatch'];

export function decodeMatch(cursor: Cursor<Wire>): RouteMatch {
  return {
    path: decodePath(cursor),
    headers: cursor.each('headers', decodeHeader),
    queryParameters: cursor.each('query_parameters', decodeQuery),
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
  if (cursor.within('connect_matcher', () => true) !== true && !cursor.has('path_match_policy')) {
    cursor.refuse('missing-field', 'a match needs a path, at least prefix: /');
  }
  return { kind: 'connect' };
}

export function encodeMatch(match: RouteMatch, encoding: Encoding, path: string): Wire {
  if (encoding.profile.engine === 'grpc') checkForGrpc(match, encoding, path);
  return {
    ...encodePath(match.path, encoding, path),
    runtime_fraction: match.fraction === undefined ? undefined : encodeFraction(match.fraction),
    headers: some(match.headers.map(encodeHeader)),
    query_parameters: some(match.queryParameters.map(encodeQuery)),
    grpc: match.grpc && encoding.profile.engine !== 'grpc' ? {} : undefined,
  };
}

function encodePath(path: RouteMatch['path'], encoding: Encoding, at: string): Wire {
  if (path.kind === 'connect') return { connect_matcher: {} };
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
  match.headers.forEach((header, index) => {
    if (header.treatMissingAsEmpty) {
      encoding.cannotSay(`${path}.headers[${index}].treatMissingAsEmpty`, 'gRPC clients do not know it', 'error');
    }
  });
}
