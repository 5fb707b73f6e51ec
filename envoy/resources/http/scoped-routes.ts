/** envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes to ScopedRoutes and back. */
import { scopeKey, type RouteScope, type ScopedRoutes, type ScopeFragment } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { ADS, decodeSource } from '../base/config-source.ts';
import type { Cursor } from '../base/cursor.ts';
import type { Encoding } from '../base/encoding.ts';
import { decodeRouteScope, routeScopeMessage } from '../route/index.ts';

type Wire = Messages['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes'];
type WireFragment =
  Messages['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes.ScopeKeyBuilder.FragmentBuilder'];
type Extractor =
  Messages['envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes.ScopeKeyBuilder.FragmentBuilder.HeaderValueExtractor'];

export function decodeScopedRoutes(cursor: Cursor<Wire>): ScopedRoutes {
  const scopes = cursor.within('scoped_route_configurations_list', (list) => {
    const decoded = list.each('scoped_route_configurations', (scope) => {
      if (scope.has('route_configuration_name'))
        scope.fault(
          'route_configuration_name',
          'invalid-value',
          'stated scopes have their route_configuration with them',
        );
      return decodeRouteScope(scope);
    });
    refuseDoubles(decoded, (text) => list.fault('scoped_route_configurations', 'duplicate-name', text));
    return decoded;
  });
  cursor.within('scoped_rds', (srds) => {
    if (srds.has('srds_resources_locator')) srds.fault('srds_resources_locator', 'unsupported-field', 'not supported');
    srds.take('srds_resources_locator');
    takeAds(srds, 'scoped_rds_config_source');
    return true;
  });
  if (scopes === undefined || cursor.has('rds_config_source')) takeAds(cursor, 'rds_config_source');
  const keys = cursor.within('scope_key_builder', (builder) => builder.each('fragments', decodeFragment));
  return { kind: 'scoped', name: cursor.take('name') ?? '', fragments: keys ?? [], scopes };
}

/** Route tables of scopes come by ADS. */
function takeAds<Message extends object, Name extends keyof Message & string>(
  cursor: Cursor<Message>,
  field: Name,
): void {
  if (!cursor.has(field))
    cursor.fault(field, 'missing-field', 'what is named needs its source', `set ${field}: {ads: {}}`);
  const file = cursor.within(field, (source) =>
    decodeSource(source as unknown as Cursor<Messages['envoy.config.core.v3.ConfigSource']>),
  );
  if (file !== undefined) cursor.fault(field, 'unsupported-value', 'only ads is supported for scoped routes');
}

function refuseDoubles(scopes: readonly RouteScope[], fault: (text: string) => void): void {
  const seen = new Map<string, string>();
  const names = new Set<string>();
  for (const { name, key } of scopes) {
    const other = seen.get(scopeKey(key));
    if (other !== undefined) fault(`the scopes ${other} and ${name} have the same key`);
    seen.set(scopeKey(key), name);
    if (names.has(name)) fault(`two scopes are named ${name}`);
    names.add(name);
  }
}

function decodeFragment(cursor: Cursor<WireFragment>): ScopeFragment {
  const extractor = cursor.within('header_value_extractor', decodeExtractor);
  return extractor ?? { header: '', elementSeparator: '', element: { kind: 'index', index: 0 } };
}

function decodeExtractor(cursor: Cursor<Extractor>): ScopeFragment {
  const elementSeparator = cursor.take('element_separator') ?? '';
  const keyed = cursor.within('element', (element) => ({
    kind: 'keyed' as const,
    separator: element.take('separator') ?? '',
    key: element.take('key') ?? '',
  }));
  if (!cursor.has('index') && keyed === undefined) cursor.refuse('missing-field', 'set one of index and element');
  const index = cursor.take('index') ?? 0;
  if (index > 0 && elementSeparator === '')
    cursor.fault('index', 'invalid-value', 'without element_separator there is one element, index 0');
  return {
    header: (cursor.take('name') ?? '').toLowerCase(),
    elementSeparator,
    element: keyed ?? { kind: 'index', index },
  };
}

export const encodeScopedRoutes = (
  { name, fragments, scopes }: ScopedRoutes,
  encoding: Encoding,
  path: string,
): Wire => ({
  name,
  scope_key_builder: {
    fragments: fragments.map(({ header, elementSeparator, element }) => ({
      header_value_extractor: {
        name: header,
        element_separator: elementSeparator || undefined,
        ...(element.kind === 'index'
          ? { index: element.index }
          : { element: { separator: element.separator, key: element.key } }),
      },
    })),
  },
  ...(scopes === undefined
    ? { scoped_rds: { scoped_rds_config_source: ADS }, rds_config_source: ADS }
    : {
        scoped_route_configurations_list: {
          scoped_route_configurations: scopes.map((scope, index) =>
            routeScopeMessage(scope, encoding, `${path}.scopes[${index}].`),
          ),
        },
      }),
});
