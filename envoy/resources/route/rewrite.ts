/** How envoy.config.route.v3.RouteAction changes path and host. */
import type { ForwardAction, RouteMatch } from '@weft/core/proxy-config';
import { parseUriRewrite, parseUriTemplate } from '@weft/core/decide';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { decodeRewrite } from './redirect.ts';

type Wire = Messages['envoy.config.route.v3.RouteAction'];
type Rewrite = ForwardAction['rewrite'];

const URI_TEMPLATE = 'envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig';

/** `match`: of the same route, as a template's variables are its. */
export const decodeRewrites = (cursor: Cursor<Wire>, match: RouteMatch['path'] | undefined): Rewrite => ({
  path: decodePath(cursor, match),
  host: decodeHost(cursor),
  appendXForwardedHost: cursor.take('append_x_forwarded_host') ?? false,
});

function decodePath(cursor: Cursor<Wire>, match: RouteMatch['path'] | undefined): Rewrite['path'] {
  const prefix = cursor.take('prefix_rewrite') ?? '';
  const regex = cursor.within('regex_rewrite', decodeRewrite);
  const template = cursor.within('path_rewrite_policy', (policy) => {
    policy.take('name');
    return readingAny<Rewrite['path']>(policy.take('typed_config'), policy.at('typed_config'), policy.report, {
      [URI_TEMPLATE]: (inner) => {
        const text = inner.take('path_template_rewrite') ?? '';
        const matched = match?.kind === 'template' ? parseUriTemplate(match.template) : undefined;
        if (matched === undefined || parseUriRewrite(text, matched) === undefined) {
          inner.fault(
            'path_template_rewrite',
            'invalid-value',
            'no rewrite of the path template that the route matches by',
          );
        }
        return { kind: 'template', template: text };
      },
    });
  });
  if ([prefix !== '', regex !== undefined, template !== undefined].filter(Boolean).length > 1) {
    cursor.refuse('oneof-conflict', 'prefix_rewrite, regex_rewrite and path_rewrite_policy exclude each other');
  }
  return prefix === '' ? (regex ?? template ?? { kind: 'none' }) : { kind: 'prefix', value: prefix };
}

function decodeHost(cursor: Cursor<Wire>): Rewrite['host'] {
  const literal = cursor.take('host_rewrite_literal');
  if (literal !== undefined && literal !== '') return { kind: 'literal', value: literal };
  const header = cursor.take('host_rewrite_header');
  if (header !== undefined && header !== '') return { kind: 'header', header: header.toLowerCase() };
  const regex = cursor.within('host_rewrite_path_regex', decodeRewrite);
  if (regex !== undefined) return { kind: 'path-regex', regex: regex.regex, substitution: regex.substitution };
  return cursor.take('auto_host_rewrite') === true ? { kind: 'auto' } : { kind: 'none' };
}

export const encodeRewrites = (rewrite: Rewrite): Wire => ({
  ...encodePath(rewrite.path),
  ...encodeHost(rewrite.host),
  append_x_forwarded_host: rewrite.appendXForwardedHost ? true : undefined,
});

const substituting = (rewrite: {
  readonly regex: string;
  readonly substitution: string;
}): Messages['envoy.type.matcher.v3.RegexMatchAndSubstitute'] => ({
  pattern: { regex: rewrite.regex },
  substitution: rewrite.substitution,
});

function encodePath(path: Rewrite['path']): Wire {
  switch (path.kind) {
    case 'none':
      return {};
    case 'prefix':
      return { prefix_rewrite: path.value };
    case 'regex':
      return { regex_rewrite: substituting(path) };
    case 'template':
      return {
        path_rewrite_policy: {
          name: 'envoy.path.rewrite.uri_template.uri_template_rewriter',
          typed_config: pack(URI_TEMPLATE, { path_template_rewrite: path.template }),
        },
      };
  }
}

function encodeHost(host: Rewrite['host']): Wire {
  switch (host.kind) {
    case 'none':
      return {};
    case 'literal':
      return { host_rewrite_literal: host.value };
    case 'auto':
      return { auto_host_rewrite: true };
    case 'header':
      return { host_rewrite_header: host.header };
    case 'path-regex':
      return { host_rewrite_path_regex: substituting(host) };
  }
}
