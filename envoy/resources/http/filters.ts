/** HTTP filters of the connection manager. The router stands at the end and is not a row of its own. */
import type { HttpFilter, HttpFilterConfig } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import type { Encoding } from '../base/encoding.ts';
import { encodeFilterConfig, FILTER_CONFIGS } from '../http-filters/config.ts';

type Manager = Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'];
type Wire = Messages['envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter'];

const ROUTER = 'envoy.extensions.filters.http.router.v3.Router';

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
  const disabled = cursor.take('disabled') ?? false;
  cursor.only('is_optional', false);
  const config = readingAny<HttpFilterConfig | 'router'>(
    cursor.take('typed_config'),
    cursor.at('typed_config'),
    cursor.report,
    { ...FILTER_CONFIGS, [ROUTER]: () => 'router' },
  );
  if (config !== 'router') return config === undefined ? undefined : { ...config, name, disabled };
  if (disabled) cursor.fault('disabled', 'invalid-value', 'the router cannot be switched off');
  return 'router';
}

export const encodeHttpFilter = (filter: HttpFilter, encoding: Encoding, path: string): Wire => ({
  name: filter.name,
  typed_config: encodeFilterConfig(filter, encoding, path),
  disabled: filter.disabled ? true : undefined,
});
