/**
 * What a client engine can do with our configuration, as far as compilation depends on it. What it cannot say or do is reported by the
 * behaviour concerned, never left out in silence.
 */
import type { Protocol } from '@weft/core/mesh-view';
import type { Proxy } from '@weft/core/mesh-view';

export type EngineName = Proxy['engine']['name'];

/** Whether requests of this protocol are routed one by one: sidecars do it with everything but TCP, proxyless clients with what they speak. */
export const routesRequests = (engine: EngineName, protocol: Protocol): boolean =>
  speaksHttp2(protocol) || (engine !== 'grpc' && (protocol === 'http' || protocol === 'auto'));

/** The application on such a port speaks HTTP/2, in plaintext with prior knowledge (RFC 9113, 3.3). */
export const speaksHttp2 = (protocol: Protocol): boolean => protocol === 'http2' || protocol === 'grpc';
