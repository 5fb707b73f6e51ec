/** What a Mesh says of metrics and access logs, normalised. */
import { parseDuration } from '../../kernel/index.ts';
import { collectorAddress, type Mesh, type Workload } from '../../resources/index.ts';
import type { AccessLogRow, CollectorRow, LoggedWorkloads, MetricsRow } from '../rows.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';

const OTLP_PORTS = { Grpc: 4317, Http: 4318 } as const;
const PROTOCOLS = { Grpc: 'grpc', Http: 'http' } as const;
const TEMPORALITIES = { Cumulative: 'cumulative', Delta: 'delta' } as const;
const HISTOGRAMS = { Explicit: 'explicit', Exponential: 'exponential' } as const;
const DIRECTIONS = { Inbound: 'inbound', Outbound: 'outbound' } as const;
const STREAMS = { Stdout: 'stdout', Stderr: 'stderr' } as const;

interface Named {
  readonly endpoint?: string | undefined;
  readonly caCertificates?: string | undefined;
}

export function collectorRow({ endpoint, caCertificates }: Named, port: number): CollectorRow | undefined {
  const address = endpoint === undefined ? undefined : collectorAddress(endpoint, port);
  return address === undefined ? undefined : { ...address, roots: caCertificates ?? '' };
}

const NOWHERE: CollectorRow = { host: '', isName: true, port: 0, path: '', secure: false, roots: '' };

export const metricsRow = (spec: NonNullable<NonNullable<Mesh['spec']['metrics']>['otlp']>): MetricsRow => ({
  collector: collectorRow(spec, OTLP_PORTS[spec.protocol]) ?? NOWHERE,
  protocol: PROTOCOLS[spec.protocol],
  interval: parseDuration(spec.interval) ?? 0,
  temporality: TEMPORALITIES[spec.temporality],
  histograms: HISTOGRAMS[spec.histograms],
  resourceAttributes: spec.resourceAttributes,
});

export const accessLogRow = (spec: Mesh['spec']['accessLogs'][number], index: number): AccessLogRow => ({
  index,
  workloads:
    (spec.namespaces ?? spec.notNamespaces ?? spec.workloadSelector) === undefined
      ? undefined
      : {
          namespaces: spec.namespaces,
          notNamespaces: spec.notNamespaces ?? [],
          labels: spec.workloadSelector ?? {},
        },
  direction: spec.direction === undefined ? undefined : DIRECTIONS[spec.direction],
  sink:
    spec.to === 'Otlp'
      ? {
          kind: 'otlp',
          collector: collectorRow(spec, OTLP_PORTS[spec.protocol]) ?? NOWHERE,
          protocol: PROTOCOLS[spec.protocol],
          resourceAttributes: spec.resourceAttributes,
        }
      : spec.to === 'File'
        ? { kind: 'file', path: spec.path ?? '' }
        : { kind: STREAMS[spec.to] },
  text: spec.text,
  fields: spec.fields,
  filter:
    spec.filter === undefined
      ? undefined
      : {
          minStatus: spec.filter.minStatus,
          slowerThan: spec.filter.slowerThan === undefined ? undefined : (parseDuration(spec.filter.slowerThan) ?? 0),
          flags: spec.filter.flags,
          cel: spec.filter.cel,
        },
});

/** Lists by workload key, those that are the same one object; nothing where every log is of all workloads. */
export function loggedWorkloads(
  memory: Memory,
  rows: readonly AccessLogRow[],
  workloads: readonly Workload[],
): ReadonlyMap<string, readonly AccessLogRow[]> {
  if (rows.every((row) => row.workloads === undefined)) return new Map();
  const lists = new Map<string, readonly AccessLogRow[]>();
  return new Map(
    workloads.map((workload) => {
      const own = rows.filter((row) => row.workloads === undefined || isAbout(row.workloads, workload));
      const key = own.map(({ index }) => index).join();
      const list = lists.get(key) ?? memory.list(`access logs ${key}`, own);
      lists.set(key, list);
      return [keyOf(workload), list];
    }),
  );
}

const isAbout = (
  { namespaces, notNamespaces, labels }: LoggedWorkloads,
  { metadata: { namespace, labels: carried } }: Workload,
): boolean =>
  (namespaces === undefined || namespaces.includes(namespace)) &&
  !notNamespaces.includes(namespace) &&
  Object.entries(labels).every(([key, value]) => carried[key] === value);
