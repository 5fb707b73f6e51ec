/** `weft stat`: success, rate and latency of workloads, services, routes or namespaces, as the mesh counted them in the last minute. */
import type { EdgeTraffic, TrafficDocument } from '@weft/core/documents';
import { outputFormat, toJson } from '../cli/output.ts';
import { UsageError } from '../errors.ts';
import { fittedTable, terminalWidth } from '../traffic/fitted-table.ts';
import { grouped, type Summary } from '../traffic/summary.ts';
import { type TrafficFlags, withTraffic } from '../traffic/read-traffic.ts';
import { bytesPerSecond, latency, percent, perSecond, successColoured } from '../traffic/words.ts';

export interface StatFlags extends TrafficFlags {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly output?: string;
}

const KINDS = {
  workload: ['workload', 'workloads', 'wl', 'deployment', 'deploy'],
  service: ['service', 'services', 'svc'],
  route: ['route', 'routes', 'httproute', 'httproutes', 'grpcroute', 'grpcroutes'],
  namespace: ['namespace', 'namespaces', 'ns'],
} as const;
type Kind = keyof typeof KINDS;

export async function stat(flags: StatFlags, [kindText = 'workloads', nameText]: readonly string[]): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'wide', 'json']);
  const slash = kindText.indexOf('/');
  const kind = kindOf(slash < 0 ? kindText : kindText.slice(0, slash));
  const name = slash < 0 ? nameText : kindText.slice(slash + 1);
  return withTraffic(flags, (document) => {
    const rows = statRows(document.rows, kind, { ...flags, name });
    if (format === 'json') return toJson({ kind, rows });
    if (rows.length === 0) {
      const anywhere = statRows(document.rows, kind, { ...flags, name, allNamespaces: true });
      return anywhere.length === 0 ? noTraffic(document) : elsewhere(anywhere, flags.namespace ?? 'default');
    }
    return table(rows, format === 'wide');
  });
}

export interface StatRow {
  /** '' of what is outside the mesh. */
  readonly namespace: string;
  readonly name: string;
  readonly summary: Summary;
}

interface Wanted {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly name?: string | undefined;
}

/** What a thing received; with `to` what a workload sent there. */
export function statRows(rows: readonly EdgeTraffic[], kind: Kind, wanted: Wanted): StatRow[] {
  const { from, to, name } = wanted;
  const namespace = wanted.allNamespaces === true || kind === 'namespace' ? undefined : (wanted.namespace ?? 'default');
  const groups = grouped(rows, ({ edge }) => {
    if (from !== undefined && !isNamed(edge.source.namespace, edge.source.workload, from)) return undefined;
    if (
      to !== undefined &&
      !isNamed(edge.service.namespace, edge.service.name, to) &&
      !isNamed(edge.destination.namespace, edge.destination.workload, to)
    )
      return undefined;
    const [ns, own] = subject(edge, kind, to !== undefined);
    if (own === '' || (namespace !== undefined && ns !== namespace) || (name !== undefined && own !== name))
      return undefined;
    return `${ns}\u0000${own}`;
  });
  return [...groups]
    .map(([key, { summary }]) => {
      const [ns = '', own = ''] = key.split('\u0000');
      return { namespace: ns, name: own, summary };
    })
    .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}

function subject(edge: EdgeTraffic['edge'], kind: Kind, sends: boolean): [namespace: string, name: string] {
  const side = sends ? edge.source : edge.destination;
  switch (kind) {
    case 'workload':
      return [side.namespace, side.workload];
    case 'service':
      return [edge.service.namespace, edge.service.name];
    case 'route': {
      const [, namespace = ''] = edge.route.split('/');
      return [namespace, edge.route];
    }
    case 'namespace':
      return [side.namespace, side.namespace];
    default:
      return kind satisfies never;
  }
}

/** `orders` and `shop/orders`. */
const isNamed = (namespace: string, name: string, wanted: string): boolean =>
  wanted === name || wanted === `${namespace}/${name}`;

function kindOf(text: string): Kind {
  for (const [kind, words] of Object.entries(KINDS) as [Kind, readonly string[]][])
    if (words.includes(text.toLowerCase())) return kind;
  throw new UsageError(`stat shows workloads, services, routes or namespaces, not '${text}'`);
}

function table(rows: readonly StatRow[], wide: boolean): string {
  const headers = ['NAMESPACE', 'NAME', 'SUCCESS', 'RPS', 'P50', 'P95', 'P99', 'MTLS'];
  if (wide) headers.push('REQUESTS', 'FAILED', 'RETRIES', 'CONN/S', 'IN', 'OUT');
  return fittedTable(
    headers,
    rows.map(({ namespace, name, summary }) => [
      namespace === '' ? '-' : namespace,
      name,
      { text: percent(summary.success), style: (text) => successColoured(summary.success, text) },
      perSecond(summary.rate),
      latency(summary.p50),
      latency(summary.p95),
      latency(summary.p99),
      summary.mtls,
      ...(wide
        ? [
            String(summary.requests),
            String(summary.failures),
            String(summary.retries),
            perSecond(summary.connections),
            bytesPerSecond(summary.bytesIn),
            bytesPerSecond(summary.bytesOut),
          ]
        : []),
    ]),
    wide ? undefined : terminalWidth(),
  );
}

function elsewhere(rows: readonly StatRow[], namespace: string): string {
  const others = [...new Set(rows.map((row) => row.namespace || '-'))];
  return `no traffic of that kind in namespace ${namespace}, but in ${others.slice(0, 5).join(', ')}${others.length > 5 ? ', ...' : ''}: -n NAMESPACE or -A shows it\n`;
}

/** Why a table is empty. */
export const noTraffic = ({ health }: TrafficDocument): string =>
  health.reporters === 0
    ? 'no proxy reports: `weft status` shows which are connected\n'
    : `no traffic of that kind in this time (${health.reporters} proxies report, ${health.edges} edges are known)\n`;
