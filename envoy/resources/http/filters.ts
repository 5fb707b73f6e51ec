/** HTTP filters of the connection manager. The router stands at the end and is not a row of its own; more filters come as files of their own. */
import type { HttpFilter } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import type { Encoding } from '../base/encoding.ts';
import { decodeRbac, encodeRbac } from '../rbac/rbac.ts';

type Manager = Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'];
type Wire = Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter'];

const ROUTER = 'envoy.extensions.filters.http.router.v3.Router';
const RBAC = 'envoy.extensions.filters.http.rbac.v3.RBAC';
const GRPC_WEB = 'envoy.extensions.filters.http.grpc_web.v3.GrpcWeb';

export const ROUTER_FILTER: Wire = { name: 'envoy.filters.http.router', typed_config: pack(ROUTER, {}) };

/** The filters before the router; the list must end in it. */
export function takeHttpFilters(cursor: Cursor<Manager>): HttpFilter[] {
  const filters = cursor.each('http_filters', decodeHttpFilter);
  const last = filters.at(-1);
  if (last !== 'router') {
    cursor.fault(
      'http_filters',
      'invalid-value',
      'the last HTTP filter must be the router',
      'add envoy.filters.http.router',
    );
  }
  const before = filters.slice(0, -1);
  before.forEach((filter, index) => {
    if (filter !== 'router') return;
    cursor.report.fault(
      cursor.at('http_filters').index(index),
      'invalid-value',
      'the router must be the last HTTP filter',
    );
  });
  return filters.filter((filter) => typeof filter === 'object');
}

function decodeHttpFilter(cursor: Cursor<Wire>): HttpFilter | 'router' | undefined {
  const name = cursor.take('name') ?? '';
  return readingAny<HttpFilter | 'router'>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [ROUTER]: () => 'router',
    [GRPC_WEB]: () => ({ kind: 'grpc-web', name }),
    [RBAC]: (rbac) => ({
      kind: 'rbac',
      name,
      rules: rbac.within('rules', (rules) => decodeRbac(rules, true)),
      shadowRules: rbac.within('shadow_rules', (rules) => decodeRbac(rules, true)),
    }),
  });
}

export const encodeHttpFilter = (filter: HttpFilter, encoding: Encoding, path: string): Wire => ({
  name: filter.name,
  typed_config: encodeConfig(filter, encoding, path),
});

function encodeConfig(filter: HttpFilter, encoding: Encoding, path: string): NonNullable<Wire['typed_config']> {
  if (filter.kind === 'grpc-web') return pack(GRPC_WEB, {});
  const { rules, shadowRules } = filter;
  return pack(RBAC, {
    rules: rules === undefined ? undefined : encodeRbac(rules, encoding, `${path}.rules`),
    shadow_rules: shadowRules === undefined ? undefined : encodeRbac(shadowRules, encoding, `${path}.shadowRules`),
  });
}
