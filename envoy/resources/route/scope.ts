/** envoy.config.route.v3.ScopedRouteConfiguration to RouteScope and back. */
import type { RouteScope } from '@weft/core/proxy-config';
import type { ClientProfile } from '../../profile/index.ts';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { Encoding, type Encoded } from '../base/encoding.ts';
import { decodeRouteConfiguration } from './decode.ts';
import { routeConfigurationMessage } from './encode.ts';

type Wire = Messages['envoy.config.route.v3.ScopedRouteConfiguration'];

export function decodeRouteScope(cursor: Cursor<Wire>): RouteScope {
  const inline = cursor.within('route_configuration', decodeRouteConfiguration);
  const named = cursor.take('route_configuration_name') ?? '';
  if ((inline === undefined) === (named === ''))
    cursor.refuse('oneof-conflict', 'set one of route_configuration_name and route_configuration');
  const key = cursor.within('key', (keys) => keys.each('fragments', (fragment) => fragment.take('string_key') ?? ''));
  return {
    name: cursor.take('name') ?? '',
    key: key ?? [],
    routes: inline === undefined ? { kind: 'rds', name: named } : { kind: 'inline', configuration: inline },
    onDemand: cursor.take('on_demand') ?? false,
  };
}

export function routeScopeMessage({ name, key, routes, onDemand }: RouteScope, encoding: Encoding, path: string): Wire {
  return {
    name,
    key: { fragments: key.map((text) => ({ string_key: text })) },
    on_demand: onDemand ? true : undefined,
    ...(routes.kind === 'rds'
      ? { route_configuration_name: routes.name }
      : { route_configuration: routeConfigurationMessage(routes.configuration, encoding, `${path}routes.`) }),
  };
}

export function encodeRouteScope(scope: RouteScope, profile: ClientProfile): Encoded<Wire> {
  const encoding = new Encoding(profile, `scopes[${scope.name}]`);
  const message = routeScopeMessage(scope, encoding, '');
  return {
    message: encoding.check('envoy.config.route.v3.ScopedRouteConfiguration', message),
    diagnostics: encoding.diagnostics(),
  };
}
