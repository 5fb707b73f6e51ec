/** Route tables. */
export { decodeRouteConfiguration } from './decode.ts';
export { encodeRouteConfiguration, routeConfigurationMessage } from './encode.ts';
