/** HTTP filters of the connection manager. The router stands at the end; what it says is the connection manager's `router`. */
import {
  type HttpConnectionManager,
  type HttpFilter,
  type HttpFilterConfig,
  PLAIN_ROUTER,
  type RouterOptions,
} from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { type Encoding, some } from '../base/encoding.ts';
import { encodeFilterConfig, FILTER_CONFIGS } from '../http-filters/config.ts';

type Manager = Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'];
type Wire = Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter'];

const ROUTER = 'envoy.extensions.filters.http.router.v3.Router';

export const ROUTER_FILTER: Wire = { name: 'envoy.filters.http.router', typed_config: pack(ROUTER, {}) };

export const encodeRouter = (router: RouterOptions): Wire => ({
  name: 'envoy.filters.http.router',
  typed_config: pack(ROUTER, {
    dynamic_stats: router.dynamicStats ? undefined : false,
    suppress_envoy_headers: router.suppressEnvoyHeaders ? true : undefined,
    strict_check_headers: some(router.strictCheckHeaders),
    respect_expected_rq_timeout: router.respectExpectedTimeout ? true : undefined,
  }),
});

const decodeRouter = (cursor: Cursor<Messages[typeof ROUTER]>): Router => ({
  kind: 'router',
  dynamicStats: cursor.take('dynamic_stats') ?? true,
  suppressEnvoyHeaders: cursor.take('suppress_envoy_headers') ?? false,
  strictCheckHeaders: cursor.take('strict_check_headers') ?? [],
  respectExpectedTimeout: cursor.take('respect_expected_rq_timeout') ?? false,
});

/** The filters before the router; the list must end in it. */
export function takeHttpFilters(cursor: Cursor<Manager>): Pick<HttpConnectionManager, 'httpFilters' | 'router'> {
  const filters = cursor.each('http_filters', decodeHttpFilter);
  const last = filters.at(-1);
  if (last?.kind !== 'router') {
    cursor.fault(
      'http_filters',
      'invalid-value',
      'the last HTTP filter must be the router',
      'add envoy.filters.http.router',
    );
  }
  const before = filters.slice(0, -1);
  before.forEach((filter, index) => {
    if (filter?.kind !== 'router') return;
    cursor.report.fault(
      cursor.at('http_filters').index(index),
      'invalid-value',
      'the router must be the last HTTP filter',
    );
  });
  const httpFilters = before.filter((filter) => filter !== undefined && filter.kind !== 'router');
  if (last?.kind !== 'router') return { httpFilters, router: PLAIN_ROUTER };
  const { kind: _, ...router } = last;
  return { httpFilters, router };
}

type Router = RouterOptions & { readonly kind: 'router' };

function decodeHttpFilter(cursor: Cursor<Wire>): HttpFilter | Router | undefined {
  const name = cursor.take('name') ?? '';
  const disabled = cursor.take('disabled') ?? false;
  cursor.only('is_optional', false);
  const config = readingAny<HttpFilterConfig | Router>(
    cursor.take('typed_config'),
    cursor.at('typed_config'),
    cursor.report,
    { ...FILTER_CONFIGS, [ROUTER]: decodeRouter },
  );
  if (config?.kind !== 'router') return config === undefined ? undefined : { ...config, name, disabled };
  if (disabled) cursor.fault('disabled', 'invalid-value', 'the router cannot be switched off');
  return config;
}

export const encodeHttpFilter = (filter: HttpFilter, encoding: Encoding, path: string): Wire => ({
  name: filter.name,
  typed_config: encodeFilterConfig(filter, encoding, path),
  disabled: filter.disabled ? true : undefined,
});
