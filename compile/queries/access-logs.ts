/**
 * Access logs that the Mesh and Telemetry ask for, on the listeners of the proxies that write them, and the clusters of their collectors. Whose records they are is told by the
 * process itself (OTEL_RESOURCE_ATTRIBUTES), so that proxies share rows.
 */
import { type AccessLogRow, ONLY, type Proxy, type ViewReader } from '@weft/core/mesh-view';
import type { AccessLog, AccessLogFilter, Cluster, FilterChain, Listener, LogFields } from '@weft/core/proxy-config';
import { accessLogName } from '../names.ts';
import { collectorCluster, exporterTo } from './collector.ts';

const FLUSH_INTERVAL = 1000;
const BUFFER_BYTES = 16_384;

/** Envoy's default line, without its end, and why a proxy answered or closed itself: of a refusal the rule and where that stands. */
const LINE =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ' +
  '%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" ' +
  '"%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" ' +
  '"%RESPONSE_CODE_DETAILS%" "%CONNECTION_TERMINATION_DETAILS%"';

/** Those that a proxy writes; of proxies that write the same always the same list. */
export function accessLogsOf(reader: ViewReader, { workloads: [workload = ''], role }: Proxy): readonly AccessLogRow[] {
  if (role === 'grpc') return NONE;
  const rows = reader.read('mesh', ONLY)?.accessLogs ?? NONE;
  return reader.read('accessLogs', workload) ?? unlimited(rows);
}

const NONE: readonly AccessLogRow[] = [];

/** Of nobody's proxy in particular. */
const lists = new WeakMap<readonly AccessLogRow[], readonly AccessLogRow[]>();
function unlimited(rows: readonly AccessLogRow[]): readonly AccessLogRow[] {
  let known = lists.get(rows);
  if (known === undefined) {
    known = rows.every(({ workloads }) => workloads === undefined)
      ? rows
      : rows.filter(({ workloads }) => workloads === undefined);
    lists.set(rows, known);
  }
  return known;
}

/** Collectors of the access logs with these ids. */
export function accessLogClusters(reader: ViewReader, ids: readonly string[]): readonly Cluster[] {
  const ofMesh = reader.read('mesh', ONLY)?.accessLogs ?? NONE;
  return ids.flatMap((id) => {
    const row = id.includes('/') ? reader.read('accessLog', id) : ofMesh.find((each) => each.id === id);
    return row?.sink.kind === 'otlp'
      ? [collectorCluster(accessLogName(id), row.sink.collector, row.sink.protocol === 'grpc')]
      : [];
  });
}

/** Of one list always the same objects. */
const made = new WeakMap<
  readonly AccessLogRow[],
  { readonly logs: readonly Directed[]; readonly listeners: WeakMap<Listener, Listener> }
>();

interface Directed {
  readonly log: AccessLog;
  readonly direction: AccessLogRow['direction'];
}

function compiled(rows: readonly AccessLogRow[]) {
  let known = made.get(rows);
  if (known === undefined) {
    known = { logs: rows.map((row) => ({ log: logOf(row), direction: row.direction })), listeners: new WeakMap() };
    made.set(rows, known);
  }
  return known;
}

/** Listeners that are equal objects stay so. */
export function loggedListeners(
  plain: ReadonlyMap<string, Listener>,
  rows: readonly AccessLogRow[],
): ReadonlyMap<string, Listener> {
  if (rows.length === 0) return plain;
  const { logs, listeners } = compiled(rows);
  return new Map(
    [...plain].map(([name, listener]) => {
      const own = (): readonly AccessLog[] =>
        logs.flatMap(({ log, direction }) =>
          direction === undefined || direction === listener.direction ? [log] : [],
        );
      const known = listeners.get(listener) ?? logged(listener, own());
      listeners.set(listener, known);
      return [name, known];
    }),
  );
}

const logged = (listener: Listener, logs: readonly AccessLog[]): Listener => ({
  ...listener,
  accessLogs: [...listener.accessLogs, ...(refusesConnections(listener) ? logs.flatMap(ofRefused) : [])],
  filterChains: listener.filterChains.map((chain) => loggedChain(chain, logs)),
  defaultFilterChain:
    listener.defaultFilterChain === undefined ? undefined : loggedChain(listener.defaultFilterChain, logs),
});

/** Where there would be requests: a TCP proxy has its refused connections in its own log. */
const refusesConnections = ({ filterChains, defaultFilterChain }: Listener): boolean =>
  [...filterChains, ...(defaultFilterChain === undefined ? [] : [defaultFilterChain])].some(
    ({ terminal, networkFilters }) =>
      terminal.kind === 'http-connection-manager' &&
      networkFilters.some((filter) => filter.kind === 'rbac' && filter.rules !== undefined),
  );

const REFUSED: AccessLogFilter = {
  kind: 'cel',
  expression: 'connection.termination_details.startsWith("rbac_access_denied")',
};
const FORBIDDEN = 403;

/** The log as it has connections that were refused before there was a request; a filter by status takes them for 403. */
function ofRefused(log: AccessLog): readonly AccessLog[] {
  const { filter } = log;
  const any = filter?.kind === 'or' ? filter.filters : filter === undefined ? [] : [filter];
  const byStatus = any.some(
    (each) => each.kind === 'status' && each.comparison.op === 'at-least' && each.comparison.value <= FORBIDDEN,
  );
  if (filter === undefined || byStatus) return [{ ...log, filter: REFUSED }];
  const others = any.filter(({ kind }) => kind === 'cel' || kind === 'duration');
  if (others.length === 0) return [];
  return [{ ...log, filter: { kind: 'and', filters: [REFUSED, { kind: 'or', filters: others }] } }];
}

function loggedChain(chain: FilterChain, logs: readonly AccessLog[]): FilterChain {
  const { terminal } = chain;
  if (terminal.kind === 'tcp-proxy') {
    const { proxy } = terminal;
    return { ...chain, terminal: { ...terminal, proxy: { ...proxy, accessLogs: [...proxy.accessLogs, ...logs] } } };
  }
  const { manager } = terminal;
  return { ...chain, terminal: { ...terminal, manager: { ...manager, accessLogs: [...manager.accessLogs, ...logs] } } };
}

const pairs = (fields: Readonly<Record<string, string>>): LogFields =>
  Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));

function logOf({ id, sink, text, fields, filter }: AccessLogRow): AccessLog {
  const written = filterOf(filter);
  if (sink.kind !== 'otlp')
    return {
      sink,
      format:
        fields !== undefined
          ? { kind: 'json', fields: pairs(fields) as readonly (readonly [string, string])[] }
          : { kind: 'text', text: `${text ?? LINE}\n` },
      filter: written,
    };
  return {
    sink: {
      kind: 'otlp',
      exporter: exporterTo(accessLogName(id), sink.collector, sink.protocol, '/v1/logs'),
      logName: '',
      builtinLabels: false,
      detectors: [{ kind: 'environment' }],
      resourceAttributes: pairs(sink.resourceAttributes),
      body: text ?? (fields === undefined ? LINE : undefined),
      attributes: pairs(fields ?? {}),
      statPrefix: '',
      flushInterval: FLUSH_INTERVAL,
      bufferBytes: BUFFER_BYTES,
    },
    format: { kind: 'default' },
    filter: written,
  };
}

function filterOf(filter: AccessLogRow['filter']): AccessLogFilter | undefined {
  if (filter === undefined) return undefined;
  const { minStatus, slowerThan, flags, cel } = filter;
  const filters: AccessLogFilter[] = [
    ...(minStatus === undefined ? [] : [atLeast('status', minStatus)]),
    ...(slowerThan === undefined ? [] : [atLeast('duration', slowerThan)]),
    ...(flags === undefined ? [] : [{ kind: 'response-flag' as const, flags }]),
    ...(cel === undefined ? [] : [{ kind: 'cel' as const, expression: cel }]),
  ];
  const [only] = filters;
  return filters.length === 1 && only !== undefined ? only : { kind: 'or', filters };
}

const atLeast = (kind: 'status' | 'duration', value: number): AccessLogFilter => ({
  kind,
  comparison: { op: 'at-least', value },
});
