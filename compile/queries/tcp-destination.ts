/** Where a rule of opaque bytes leads, and the tunnel that they go through (TrafficPolicy `connections.tunnel`). */
import { formatIp, parseIp } from '@weft/core/kernel';
import { portKey, type BackendRow, type TcpRuleRow } from '@weft/core/mesh-view';
import type { TcpProxy, TcpTunnel, TerminalFilter } from '@weft/core/proxy-config';
import type { EffectiveConf } from '../behaviours/index.ts';
import { clusterOf } from '../behaviours/split/index.ts';
import type { QueryContext } from '../incremental/query.ts';
import { brokenName, outboundName } from '../names.ts';
import { consumersAt, effectiveConf } from './conf.ts';
import { tcp } from './listener.ts';

type Wanted = NonNullable<NonNullable<EffectiveConf['connections']>['tunnel']>;

/** Of a port without a route. */
export const tcpToPort = (
  context: QueryContext,
  statPrefix: string,
  port: string,
  callers: readonly string[] = [],
): TerminalFilter =>
  through(tcp(statPrefix, { kind: 'cluster', cluster: outboundName(port) }), wantedAt(context, port, callers));

/** A broken reference closes the connections of its share; so does a rule without any backend, and one whose backends want several tunnels. */
export function tcpByRule(
  context: QueryContext,
  statPrefix: string,
  rule: TcpRuleRow,
  callers: readonly string[] = [],
): TerminalFilter {
  const [wanted, ...others] = tunnelsOf(context, rule, callers);
  return others.length > 0
    ? tcp(statPrefix, { kind: 'cluster', cluster: brokenName(rule.source) })
    : through(tcp(statPrefix, destinationOf(rule)), wanted);
}

/** What its backends want, each once: a TCP proxy has one tunnel for all of them. */
export function tunnelsOf(
  context: QueryContext,
  { backends }: TcpRuleRow,
  callers: readonly string[] = [],
): readonly (Wanted | undefined)[] {
  const wanted = live(backends).flatMap((backend) =>
    backend.kind === 'service' ? [wantedAt(context, portKey(backend.service, backend.port), callers)] : [],
  );
  return [...new Map(wanted.map((one) => [one === undefined ? '' : JSON.stringify(one), one])).values()];
}

const wantedAt = (context: QueryContext, port: string, callers: readonly string[]): Wanted | undefined =>
  context.ask(effectiveConf, { port, callers: consumersAt(context, port, callers) }).connections?.tunnel;

const live = (backends: readonly BackendRow[]): readonly BackendRow[] => backends.filter(({ weight }) => weight > 0);

function destinationOf(rule: TcpRuleRow): TcpProxy['destination'] {
  const [first, ...others] = live(rule.backends);
  if (first === undefined) return { kind: 'cluster', cluster: brokenName(rule.source) };
  if (others.length === 0) return { kind: 'cluster', cluster: clusterOf(first) };
  return {
    kind: 'weighted',
    clusters: [first, ...others].map((backend) => ({
      cluster: clusterOf(backend),
      weight: backend.weight,
      metadataMatch: [],
    })),
  };
}

const through = (made: TerminalFilter, wanted: Wanted | undefined): TerminalFilter =>
  wanted === undefined || made.kind !== 'tcp-proxy'
    ? made
    : { ...made, proxy: { ...made.proxy, tunnel: tunnelOf(wanted) } };

function tunnelOf({ protocol, targetHost, targetPort }: Wanted): TcpTunnel {
  const address = parseIp(targetHost);
  const host = address?.family === 6 ? `[${formatIp(address)}]` : targetHost;
  return {
    hostname: `${host}:${targetPort}`,
    postPath: protocol === 'POST' ? '/' : undefined,
    headersToAdd: [],
  };
}
