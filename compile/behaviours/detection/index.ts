/**
 * Ports of protocol `auto`: what a connection carries is seen in its first octets (Envoy: http_inspector, tls_inspector), or in what its TLS
 * offers (ALPN). HTTP/1 and HTTP/2 are requests; all else, TLS of the application's own and servers that speak first among it, is opaque TCP.
 * Nobody waits for octets that do not come: after `SERVER_FIRST_WAIT` a connection is opaque.
 */
import type { FilterChain, Listener } from '@weft/core/proxy-config';
import { SERVER_FIRST_WAIT } from '../../defaults.ts';

/** As http_inspector names them, and ALPN. */
const OF_REQUESTS = ['h2', 'h2c', 'http/1.0', 'http/1.1'] as const;

const isHttp = ({ terminal }: FilterChain): boolean => terminal.kind === 'http-connection-manager';

/** Takes connections that carry requests; a chain of anything else is as it was. */
export const ofRequests = (chain: FilterChain): FilterChain =>
  isHttp(chain) ? { ...chain, match: { ...chain.match, applicationProtocols: OF_REQUESTS } } : chain;

/** In plaintext. TLS is the application's own: it is opaque whatever it offers. */
export const inPlaintext = (chain: FilterChain): FilterChain[] => {
  const plain: FilterChain = { ...chain, match: { ...chain.match, transportProtocol: 'raw_buffer' } };
  return isHttp(chain)
    ? [plain]
    : [plain, { ...chain, name: `${chain.name}/tls`, match: { ...chain.match, transportProtocol: 'tls' } }];
};

/** Looks at the first octets, and goes on without them. */
export const detecting = (listener: Listener): Listener => ({
  ...listener,
  listenerFilters: [
    ...listener.listenerFilters,
    { kind: 'tls-inspector', maxClientHelloBytes: 16_384 },
    { kind: 'http-inspector' },
  ],
  listenerFiltersTimeout: SERVER_FIRST_WAIT,
  continueOnListenerFiltersTimeout: true,
});
