/** Route tables. */
export { decodeRouteConfiguration } from './decode.ts';
export { encodeRouteConfiguration, routeConfigurationMessage } from './encode.ts';
export { decodeRouteScope, encodeRouteScope, routeScopeMessage } from './scope.ts';
export { decodeHeaderOption, encodeHeaderOption } from './headers.ts';
