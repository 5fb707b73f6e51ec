/**
 * PROXY headers at the ports of sidecars and Gateways (TrafficPolicy `arrivals.proxyProtocol`; Envoy: listener filter proxy_protocol). The filter believes
 * whoever connects, so that a DENY before every other filter asks who that was: by the other end of the socket, never by what a header tells.
 */
import type { ProxyHeadersRow } from '@weft/core/mesh-view';
import type { FilterChain, Listener, TerminalFilter } from '@weft/core/proxy-config';
import { LISTENER_FILTERS_TIMEOUT } from '../../defaults.ts';
import { ANSWERS_AT_EDGE } from '../../queries/own-answers.ts';
import type { Behaviour, InboundInput } from '../behaviour.ts';

export const proxyHeaders: Behaviour = {
  name: 'proxy-headers',

  inboundChain(chain: FilterChain, { headers }: InboundInput): FilterChain {
    if (headers === undefined) return chain;
    return fromBalancers({ ...chain, terminal: atTheEdge(chain.terminal) }, headers);
  },

  inboundListener: (listener: Listener, { headers }: InboundInput): Listener =>
    headers === undefined ? listener : takingHeaders(listener),
};

/** Whoever connects from elsewhere than `from` is refused before anything else is asked. At a Gateway too (queries/gateway-listeners.ts). */
export const fromBalancers = (chain: FilterChain, { from, source }: ProxyHeadersRow): FilterChain => ({
  ...chain,
  networkFilters: [
    {
      kind: 'rbac',
      statPrefix: `${chain.name}/arrivals`,
      rules: {
        action: 'DENY',
        policies: [
          {
            name: source,
            permissions: [{ kind: 'any' }],
            principals: [
              {
                kind: 'not',
                rule: { kind: 'or', rules: from.map((cidr) => ({ kind: 'direct-remote-ip', cidr })) },
              },
            ],
            source,
          },
        ],
      },
      shadowRules: undefined,
    },
    ...chain.networkFilters,
  ],
});

/** A connection that says nothing in time has no header: it must not pass on. */
export const takingHeaders = (listener: Listener): Listener => ({
  ...listener,
  listenerFilters: [
    { kind: 'proxy-protocol', allowWithout: false, disallowedVersions: [], statPrefix: '' },
    ...listener.listenerFilters,
  ],
  listenerFiltersTimeout: LISTENER_FILTERS_TIMEOUT,
  continueOnListenerFiltersTimeout: false,
});

/**
 * Whoever calls there is no proxy of the mesh: as at a Gateway, `x-forwarded-for` goes on with the address that the header told, and refusals
 * name no rules.
 */
const atTheEdge = (terminal: TerminalFilter): TerminalFilter =>
  terminal.kind === 'http-connection-manager'
    ? {
        ...terminal,
        manager: { ...terminal.manager, useRemoteAddress: true, skipXffAppend: false, localReply: ANSWERS_AT_EDGE },
      }
    : terminal;
