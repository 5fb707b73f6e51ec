/** Which routes a listener's protocol carries (Gateway API, Listener.allowedRoutes). */
import { GATEWAY_GROUP } from '../../resources/index.ts';

export const ROUTE_GROUP = GATEWAY_GROUP;

const BY_PROTOCOL: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TLS: ['TLSRoute'],
  TCP: ['TCPRoute'],
  UDP: ['UDPRoute'],
};

export const routeKinds = (protocol: string): readonly string[] =>
  Object.hasOwn(BY_PROTOCOL, protocol) ? (BY_PROTOCOL[protocol] ?? []) : [];
