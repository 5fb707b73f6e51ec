/** envoy.config.route.v3.RedirectAction and DirectResponseAction. */
import { NO_TEXT, type DirectResponseAction, type RedirectAction } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { decodeBodyFormat, encodeBodyFormat } from '../access-log/format.ts';
import type { Cursor } from '../base/cursor.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';
import { decodeRegex } from '../base/matcher.ts';
import { decodeTextSource, encodeTextSource } from '../base/text-source.ts';

type WireRedirect = Messages['envoy.config.route.v3.RedirectAction'];
type WireResponse = Messages['envoy.config.route.v3.DirectResponseAction'];

const STATUSES: EnumTable<
  RedirectAction['status'],
  'MOVED_PERMANENTLY' | 'FOUND' | 'SEE_OTHER' | 'TEMPORARY_REDIRECT' | 'PERMANENT_REDIRECT'
> = [
  [301, 'MOVED_PERMANENTLY'],
  [302, 'FOUND'],
  [303, 'SEE_OTHER'],
  [307, 'TEMPORARY_REDIRECT'],
  [308, 'PERMANENT_REDIRECT'],
];

export function decodeRedirect(cursor: Cursor<WireRedirect>): RedirectAction {
  const https = cursor.take('https_redirect') === true ? 'https' : undefined;
  return {
    kind: 'redirect',
    scheme: https ?? (cursor.take('scheme_redirect') || undefined),
    host: cursor.take('host_redirect') || undefined,
    port: cursor.take('port_redirect') || undefined,
    path: decodePath(cursor),
    status: takeEnum(cursor, 'response_code', STATUSES),
    stripQuery: cursor.take('strip_query') ?? false,
  };
}

function decodePath(cursor: Cursor<WireRedirect>): RedirectAction['path'] {
  const full = cursor.take('path_redirect');
  if (full !== undefined && full !== '') return { kind: 'full', value: full };
  const prefix = cursor.take('prefix_rewrite');
  if (prefix !== undefined && prefix !== '') return { kind: 'prefix', value: prefix };
  return cursor.within('regex_rewrite', decodeRewrite) ?? { kind: 'keep' };
}

/** envoy.type.matcher.v3.RegexMatchAndSubstitute */
export function decodeRewrite(cursor: Cursor<Messages['envoy.type.matcher.v3.RegexMatchAndSubstitute']>): {
  readonly kind: 'regex';
  readonly regex: string;
  readonly substitution: string;
} {
  const regex = cursor.within('pattern', decodeRegex) ?? '';
  return { kind: 'regex', regex, substitution: cursor.take('substitution') ?? '' };
}

export const encodeRedirect = (action: RedirectAction): WireRedirect => ({
  ...(action.scheme === 'https'
    ? { https_redirect: true }
    : action.scheme === undefined
      ? {}
      : { scheme_redirect: action.scheme }),
  host_redirect: action.host,
  port_redirect: action.port,
  ...encodePath(action.path),
  response_code: enumName(action.status, STATUSES),
  strip_query: action.stripQuery ? true : undefined,
});

function encodePath(path: RedirectAction['path']): WireRedirect {
  switch (path.kind) {
    case 'keep':
      return {};
    case 'full':
      return { path_redirect: path.value };
    case 'prefix':
      return { prefix_rewrite: path.value };
    case 'regex':
      return { regex_rewrite: { pattern: { regex: path.regex }, substitution: path.substitution } };
  }
}

export const decodeDirectResponse = (cursor: Cursor<WireResponse>): DirectResponseAction => ({
  kind: 'direct-response',
  status: cursor.take('status') ?? 0,
  body: cursor.within('body', decodeTextSource) ?? NO_TEXT,
  bodyFormat: cursor.within('body_format', decodeBodyFormat),
});

export const encodeDirectResponse = (action: DirectResponseAction): WireResponse => ({
  status: action.status,
  body: action.body.kind === 'inline' && action.body.text === '' ? undefined : encodeTextSource(action.body),
  body_format: action.bodyFormat === undefined ? undefined : encodeBodyFormat(action.bodyFormat),
});
