/** envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig: what routes ask for by name, or that they ask for nothing. */
import type { JwtRouteRequirement } from '@weft/core/proxy-config';
import type { Messages } from '../../../tables/index.ts';
import type { Cursor } from '../../base/cursor.ts';

export const JWT_PER_ROUTE = 'envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig';

export function decodeJwtPerRoute(cursor: Cursor<Messages[typeof JWT_PER_ROUTE]>): JwtRouteRequirement {
  const requirement = cursor.take('requirement_name');
  if (cursor.take('disabled') === true) return { kind: 'jwt-authn', off: true };
  return { kind: 'jwt-authn', off: false, requirement: requirement ?? '' };
}

export const encodeJwtPerRoute = (route: JwtRouteRequirement): Messages[typeof JWT_PER_ROUTE] =>
  route.off ? { disabled: true } : { requirement_name: route.requirement };
