/**
 * What a client engine can do with our configuration, as far as compilation depends on it. What it cannot say or do is reported by the
 * behaviour concerned, never left out in silence.
 */
import type { Protocol } from '@weft/core/mesh-view';
import type { Proxy } from '@weft/core/mesh-view';

export type EngineName = Proxy['engine']['name'];

/**
 * Whether requests of this protocol are routed one by one. Sidecars carry HTTP/2 and gRPC as opaque TCP for now, on both engines alike,
 * because the two ends of a hop must agree; proxyless clients route what they speak.
 */
export const routesRequests = (engine: EngineName, protocol: Protocol): boolean =>
  engine === 'grpc' ? protocol === 'grpc' || protocol === 'http2' : protocol === 'http';
