/** Arbitrary rows of ProxyConfig in normal form: what compile may hand over and what decode returns. Envoy accepts every one of them. */
export { cluster } from './clusters.ts';
export { endpointSet } from './endpoints.ts';
export { apiListener, internalListener, listener } from './listeners.ts';
export { routeConfiguration } from './routes.ts';
export { routeScope } from './scopes.ts';
