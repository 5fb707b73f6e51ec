/**
 * What the called side bears (TrafficPolicy `arrivals.limits`, `arrivals.timeouts`): connections at a time (Envoy: connection_limit), streams of
 * one HTTP/2 connection (max_concurrent_streams), the time for the head of a request (request_headers_timeout).
 */
import type { ArrivalBoundsRow } from '@weft/core/mesh-view';
import type { FilterChain, NetworkFilter, TerminalFilter } from '@weft/core/proxy-config';
import type { Behaviour, InboundInput } from '../behaviour.ts';

export const arrivalBounds: Behaviour = {
  name: 'arrival-bounds',

  inboundChain: (chain: FilterChain, { bounds }: InboundInput): FilterChain => bounded(chain, bounds),
};

/** At a Gateway too (queries/gateway-listeners.ts). */
export function bounded(chain: FilterChain, row: ArrivalBoundsRow | undefined): FilterChain {
  if (row === undefined) return chain;
  const filter = (one: NetworkFilter): NetworkFilter =>
    one.kind === 'connection-limit' ? { ...one, maxConnections: row.connections ?? one.maxConnections } : one;
  return {
    ...chain,
    networkFilters: chain.networkFilters.map(filter),
    terminal: boundedTerminal(chain.terminal, row),
  };
}

function boundedTerminal(terminal: TerminalFilter, { streams, requestHeaders }: ArrivalBoundsRow): TerminalFilter {
  if (terminal.kind !== 'http-connection-manager') return terminal;
  const { http2, timeouts } = terminal.manager;
  const manager = {
    ...terminal.manager,
    http2: { ...http2, maxConcurrentStreams: streams ?? http2.maxConcurrentStreams },
    timeouts: { ...timeouts, requestHeaders: requestHeaders ?? timeouts.requestHeaders },
  };
  return { ...terminal, manager };
}
