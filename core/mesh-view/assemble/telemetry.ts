/** What a Mesh says of metrics and access logs, and Telemetry of those of its namespace, normalised. */
import { type Diagnostic, parseDuration } from '../../kernel/index.ts';
import { collectorAddress, type Mesh, objectName, type Telemetry, type Workload } from '../../resources/index.ts';
import type { AccessLogRow, CollectorRow, LoggedWorkloads, MeshRow, MetricsRow } from '../rows.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf, type Objects } from './objects.ts';
import { condition, statusOf, type ObjectStatus } from './status.ts';
import { workloadsWith } from './visibilities.ts';

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

export const accessLogRow = (
  spec: Telemetry['spec']['accessLogs'][number] & Partial<Mesh['spec']['accessLogs'][number]>,
  id: string,
): AccessLogRow => ({
  id,
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

/** What Telemetry asks for. */
export interface Asked {
  /** By id. */
  readonly logs: ReadonlyMap<string, AccessLogRow>;
  /** By workload key: those of the Mesh, then its own in the order of their names; empty where every log is of all workloads. */
  readonly byWorkload: ReadonlyMap<string, readonly AccessLogRow[]>;
  readonly shares: ReadonlyMap<string, number>;
  readonly statuses: readonly ObjectStatus[];
  readonly findings: readonly Diagnostic[];
}

export function assembleTelemetries(
  memory: Memory,
  { telemetries: objects, workloads }: Pick<Objects, 'telemetries' | 'workloads'>,
  mesh: Pick<MeshRow, 'accessLogs' | 'tracing'>,
): Asked {
  const logs = new Map<string, AccessLogRow>();
  const logsOf = new Map<string, AccessLogRow[]>();
  const shares = new Map<string, number>();
  const about = objects.map((object) => ({
    object,
    keys: workloadsWith(workloads, object.metadata.namespace, object.spec.workloadSelector ?? {}),
  }));
  for (const { object, keys } of about)
    for (const [index, log] of object.spec.accessLogs.entries()) {
      const id = `${keyOf(object)}/${index}`;
      const row = memory.remember(`log ${id}`, [log], () => accessLogRow(log, id));
      logs.set(id, row);
      for (const key of keys) {
        const own = logsOf.get(key);
        if (own === undefined) logsOf.set(key, [row]);
        else own.push(row);
      }
    }
  const bySelector = about.toSorted(
    (a, b) =>
      Number(a.object.spec.workloadSelector === undefined) - Number(b.object.spec.workloadSelector === undefined) ||
      byAge(a.object, b.object),
  );
  for (const { object, keys } of bySelector) {
    const { tracing } = object.spec;
    if (tracing !== undefined) for (const key of keys) if (!shares.has(key)) shares.set(key, Number(tracing.sampling));
  }
  return {
    logs,
    byWorkload: loggedWorkloads(memory, mesh.accessLogs, logsOf, workloads),
    shares,
    statuses: objects.map((object) =>
      memory.remember(`status ${keyOf(object)}`, [object], () =>
        statusOf(object, [condition('Accepted', object.metadata.generation, [])], [], []),
      ),
    ),
    findings: about.flatMap(({ object, keys }) => withoutEffect(object, keys.length, mesh.tracing !== undefined)),
  };
}

function withoutEffect({ metadata, spec }: Telemetry, about: number, traced: boolean): Diagnostic[] {
  const object = objectName('Telemetry', metadata.namespace, metadata.name);
  const warning = (path: string, message: string, remedy: string): Diagnostic => ({
    severity: 'warning',
    code: 'no-effect',
    message,
    remedy,
    place: { object, path },
  });
  return [
    ...(spec.workloadSelector !== undefined && about === 0
      ? [warning('spec.workloadSelector', 'no workload of the namespace carries these labels', 'correct them')]
      : []),
    ...(spec.tracing !== undefined && !traced
      ? [
          warning(
            'spec.tracing',
            'the Mesh says nothing of tracing: no request is traced',
            'ask for Mesh `spec.tracing`',
          ),
        ]
      : []),
  ];
}

/** Lists by workload key, those that are the same one object; nothing where every log is of all workloads. */
function loggedWorkloads(
  memory: Memory,
  rows: readonly AccessLogRow[],
  asked: ReadonlyMap<string, readonly AccessLogRow[]>,
  workloads: readonly Workload[],
): ReadonlyMap<string, readonly AccessLogRow[]> {
  if (asked.size === 0 && rows.every((row) => row.workloads === undefined)) return new Map();
  const lists = new Map<string, readonly AccessLogRow[]>();
  return new Map(
    workloads.map((workload) => {
      const own = [
        ...rows.filter((row) => row.workloads === undefined || isAbout(row.workloads, workload)),
        ...(asked.get(keyOf(workload)) ?? []),
      ];
      const key = own.map(({ id }) => id).join();
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
