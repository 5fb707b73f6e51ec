/** envoy.extensions.filters.http.jwt_authn.v3. */
export { decodeJwtAuthn, encodeJwtAuthn, JWT_AUTHN } from './filter.ts';
export { decodeJwtPerRoute, encodeJwtPerRoute, JWT_PER_ROUTE } from './per-route.ts';
