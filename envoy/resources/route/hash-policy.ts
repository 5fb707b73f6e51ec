/** envoy.config.route.v3.RouteAction.HashPolicy. */
import type { HashPolicy } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { fromMilliseconds, takeDuration } from '../base/duration.ts';
import { some } from '../base/encoding.ts';
import { decodeRewrite } from './redirect.ts';

type Wire = Messages['envoy.config.route.v3.RouteAction.HashPolicy'];

export function decodeHashPolicy(cursor: Cursor<Wire>): HashPolicy {
  const terminal = cursor.take('terminal') ?? false;
  const header = cursor.within('header', (inner): HashPolicy => {
    const rewrite = inner.within('regex_rewrite', decodeRewrite);
    return {
      kind: 'header',
      header: (inner.take('header_name') ?? '').toLowerCase(),
      rewrite: rewrite === undefined ? undefined : { regex: rewrite.regex, substitution: rewrite.substitution },
      terminal,
    };
  });
  if (header !== undefined) return header;
  const cookie = cursor.within(
    'cookie',
    (inner): HashPolicy => ({
      kind: 'cookie',
      name: inner.take('name') ?? '',
      ttl: inner.has('ttl') ? takeDuration(inner, 'ttl', 0) : undefined,
      path: inner.take('path') ?? '',
      attributes: inner.each('attributes', (attribute) => ({
        name: attribute.take('name') ?? '',
        value: attribute.take('value') ?? '',
      })),
      terminal,
    }),
  );
  if (cookie !== undefined) return cookie;
  const parameter = cursor.within('query_parameter', (inner) => inner.take('name') ?? '');
  if (parameter !== undefined) return { kind: 'query', parameter, terminal };
  const byAddress = cursor.within('connection_properties', (inner) => inner.take('source_ip') ?? false);
  if (byAddress !== true) cursor.refuse('unsupported-value', 'filter state is not supported here');
  return { kind: 'source-ip', terminal };
}

export function encodeHashPolicy(policy: HashPolicy): Wire {
  const terminal = policy.terminal ? true : undefined;
  switch (policy.kind) {
    case 'header': {
      const { header, rewrite } = policy;
      return {
        header: {
          header_name: header,
          regex_rewrite:
            rewrite === undefined
              ? undefined
              : { pattern: { regex: rewrite.regex }, substitution: rewrite.substitution },
        },
        terminal,
      };
    }
    case 'cookie':
      return {
        cookie: {
          name: policy.name,
          ttl: policy.ttl === undefined ? undefined : fromMilliseconds(policy.ttl),
          path: policy.path || undefined,
          attributes: some(policy.attributes),
        },
        terminal,
      };
    case 'query':
      return { query_parameter: { name: policy.parameter }, terminal };
    case 'source-ip':
      return { connection_properties: { source_ip: true }, terminal };
  }
}
