/** TrafficPolicies `connections.tunnel` that proxies cannot do as they say. */
import type { Diagnostic } from '@weft/core/kernel';
import { portKey, type TcpRuleRow, upstreamPort } from '@weft/core/mesh-view';
import type { PortInput } from '../behaviours/index.ts';
import { unsupportedByEngine } from '../findings.ts';
import type { QueryContext } from '../incremental/query.ts';
import { routesRequests } from '../profiles.ts';
import type { OutboundClass } from './outbound-class.ts';
import { tunnelsOf } from './tcp-destination.ts';

/** Rules of TCPRoutes and TLSRoutes whose backends want several tunnels: their connections are closed. */
export function mixedTunnels(
  context: QueryContext,
  { engine, upstreams, gateway, consumers }: OutboundClass,
): Diagnostic[] {
  const called = upstreams.flatMap((upstream): TcpRuleRow[] => {
    const port = upstreamPort(context, upstream);
    const rule = port === undefined ? undefined : context.read('tcpRule', portKey(upstream.service, port.port));
    return rule === undefined || port?.protocol === 'udp' ? [] : [rule];
  });
  const listeners = gateway === '' ? [] : (context.read('gateway', gateway)?.listeners ?? []);
  const entered = listeners
    .filter(({ protocol }) => protocol !== 'udp')
    .flatMap(({ key }) => context.read('listenerRoutes', key)?.streams ?? [])
    .map(({ rule }) => rule);
  return [...called, ...entered]
    .filter((rule) => tunnelsOf(context, rule, consumers).length > 1)
    .map(({ source }) =>
      unsupportedByEngine(
        engine,
        source,
        'lead connections of one rule through several tunnels, or some through one and some through none: all are closed',
        'let the TrafficPolicies of its backends say the same `connections.tunnel`',
      ),
    );
}

/** A port that carries HTTP is not tunnelled. */
export function untunnelled({ engine, port, service, conf: { connections, origins } }: PortInput): Diagnostic[] {
  if (connections?.tunnel === undefined || !routesRequests(engine, port.protocol)) return [];
  const [object = '', path = ''] = `${origins.connections ?? ''}.tunnel`.split('#', 2);
  return [
    {
      severity: 'warning',
      code: 'no-effect',
      message: `port ${port.port} of ${service} carries HTTP, and only opaque TCP is tunnelled: requests go there as they are`,
      place: { object, path },
      remedy: 'name a port in `sectionName` that carries TCP, or write `appProtocol: tcp` at the port',
    },
  ];
}
