/** The names of HTTP/2 in ALPN (RFC 7301): its own, and that of the hop between two of our engines, which carries exchanges of any version. */
import type { EndpointRuntime } from '../ports.ts';

export const speaksHttp2 = (alpn: string): boolean => alpn === 'h2' || alpn === 'weft/1';

export const HTTP2_ONLY: readonly string[] = ['h2'];
export const HTTP1_ONLY: readonly string[] = ['http/1.1'];

/** The transport of the endpoint says itself what it offers. */
export function offersOwn({ cluster }: EndpointRuntime): boolean {
  const { transport } = cluster.config;
  return transport.kind === 'tls' && transport.alpnProtocols.length > 0;
}
