/** `weft edges`: who talks to whom, with which identity, secured or not. */
import type { EdgeTraffic } from '@weft/core/documents';
import type { Edge } from '@weft/core/traffic';
import { outputFormat, toJson } from '../cli/output.ts';
import { fittedTable, terminalWidth } from '../traffic/fitted-table.ts';
import { type TrafficFlags, withTraffic } from '../traffic/read-traffic.ts';
import { grouped, type Summary } from '../traffic/summary.ts';
import { coloured, latency, percent, perSecond, successColoured } from '../traffic/words.ts';
import { noTraffic } from './stat.ts';

export interface EdgesFlags extends TrafficFlags {
  readonly namespace?: string;
  readonly output?: string;
}

export interface EdgeSummary {
  readonly from: {
    readonly namespace: string;
    readonly name: string;
    readonly version: string;
    readonly identity: string;
  };
  readonly to: {
    readonly namespace: string;
    readonly name: string;
    readonly version: string;
    readonly identity: string;
  };
  readonly service: string;
  readonly protocol: Edge['protocol'];
  readonly summary: Summary;
}

export function edges(flags: EdgesFlags): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'wide', 'json']);
  return withTraffic(flags, (document) => {
    const rows = edgeSummaries(document.rows, flags.namespace);
    if (format === 'json') return toJson({ edges: rows });
    return rows.length === 0 ? noTraffic(document) : table(rows, format === 'wide');
  });
}

/** Busiest first. Edges that touch `namespace`, or all. */
export function edgeSummaries(rows: readonly EdgeTraffic[], namespace?: string): EdgeSummary[] {
  const groups = grouped(rows, ({ edge: { source, destination, service, protocol } }) =>
    namespace === undefined || [source.namespace, destination.namespace, service.namespace].includes(namespace)
      ? JSON.stringify([source, destination, service, protocol])
      : undefined,
  );
  return [...groups.values()]
    .flatMap(({ rows: [first], summary }) => (first === undefined ? [] : [{ ...described(first.edge), summary }]))
    .sort((a, b) => weight(b.summary) - weight(a.summary));
}

const weight = ({ rate, connections, open }: Summary): number => rate + connections + open / 1000;

const described = ({ source, destination, service, protocol }: Edge): Omit<EdgeSummary, 'summary'> => ({
  from: { namespace: source.namespace, name: source.workload, version: source.version, identity: source.identity },
  to: {
    namespace: destination.workload === '' ? service.namespace : destination.namespace,
    name: destination.workload === '' ? service.name : destination.workload,
    version: destination.version,
    identity: destination.identity,
  },
  service: service.namespace === '' ? service.name : `${service.namespace}/${service.name}`,
  protocol,
});

/** `shop/orders`; outside the mesh a host alone; `-` of what is not known. */
export const nameOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  name === '' ? '-' : namespace === '' ? name : `${namespace}/${name}`;

/** Versions of a workload are told apart on both sides, so that one of them is one node. */
export const versionName = (of: EdgeSummary['to']): string =>
  `${nameOf(of)}${of.version === '' || of.name === '' ? '' : ` (${of.version})`}`;

function table(rows: readonly EdgeSummary[], wide: boolean): string {
  const headers = ['FROM', 'TO', 'PROTOCOL', 'MTLS', 'SUCCESS', 'RPS', 'P50', 'P99'];
  if (wide) headers.push('CONN/S', 'OPEN', 'SERVICE', 'CLIENT', 'SERVER');
  return fittedTable(
    headers,
    rows.map(({ from, to, service, protocol, summary }) => [
      versionName(from),
      versionName(to),
      protocol,
      { text: summary.mtls, style: (text) => (summary.mtls === 'all' ? text : coloured('yellow', text)) },
      { text: percent(summary.success), style: (text) => successColoured(summary.success, text) },
      perSecond(summary.rate),
      latency(summary.p50),
      latency(summary.p99),
      ...(wide
        ? [
            perSecond(summary.connections),
            perSecond(summary.open),
            service || '-',
            from.identity || '-',
            to.identity || '-',
          ]
        : []),
    ]),
    wide ? undefined : terminalWidth(),
  );
}
