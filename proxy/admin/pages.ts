/**
 * The admin pages over one engine, or the engines of one process: Envoy's paths and, where scripts read them, Envoy's forms. No page shows a key.
 * What makes a page is loaded when somebody first asks for it.
 */
import { type LogComponent, LOG_COMPONENTS } from '../ports.ts';
import { isLogLevel, type JsonLog } from '../telemetry/logger.ts';
import type { ListenerReport } from './report.ts';
import type { AdminRequest } from './request.ts';
import { type AdminAnswer, type AdminPage, json, text } from './server.ts';
import type { StatsTags } from './stats-tags.ts';
import type { AdminSubject } from './subject.ts';

export type ConfigDumpAnswer = { readonly dump: object } | { readonly fault: string; readonly status: 400 | 404 };

/** What the pages about the runtime show and change. */
export interface RuntimeReport {
  /** Names of the layers; later ones win. */
  readonly layers: readonly string[];
  /** Of each key, by name: what each layer says, '' where it says nothing, and what counts. */
  entries(): readonly { readonly key: string; readonly values: readonly string[]; readonly final: string }[];
  /** An empty value takes a key of the admin layer away. What is wrong; undefined: it is done. */
  modify(changes: readonly (readonly [key: string, value: string])[]): Promise<string | undefined>;
}

export interface AdminSetting {
  readonly subject: AdminSubject;
  readonly version: string;
  readonly node: { readonly id: string; readonly cluster: string };
  /** The configuration as Envoy's `/config_dump` writes it; the engine itself knows no Envoy message. */
  readonly dumpConfig: (query: URLSearchParams) => Promise<ConfigDumpAnswer> | ConfigDumpAnswer;
  readonly log?: JsonLog;
  /** Whether the first configuration has come; default: yes. */
  readonly isReady?: () => boolean;
  /** Tags of statistics that the bootstrap states; default: Envoy's own. */
  readonly statsTags?: StatsTags;
  /** Absent: the process has no runtime. */
  readonly runtimeLayers?: RuntimeReport;
  /** Asked to end the process: `/quitquitquit`. */
  readonly quit: () => void;
}

/** Of the messages between a process and its successor. */
const HOT_RESTART_VERSION = 'weft.1';

const page = (
  path: string,
  help: string,
  answer: AdminPage['answer'],
  method: AdminPage['method'] = 'GET',
): AdminPage => ({
  path,
  method,
  help,
  answer,
});

export function adminPages(setting: AdminSetting): AdminPage[] {
  const { subject } = setting;
  return [
    page('/ready', 'whether the engine is ready for traffic', () =>
      stateOf(setting) === 'LIVE' ? text('LIVE\n') : text(`${stateOf(setting)}\n`, 503),
    ),
    page('/hot_restart_version', 'processes with the same one can take over from each other', () =>
      text(`${HOT_RESTART_VERSION}\n`),
    ),
    page('/server_info', 'version, state and uptime', () => json(serverInfo(setting))),
    page('/stats', 'all statistics (filter, type, usedonly, format=prometheus|json)', (request) =>
      stats(setting, request, request.query.get('format') === 'prometheus'),
    ),
    page('/stats/prometheus', 'all statistics for Prometheus (filter, type, usedonly)', (request) =>
      stats(setting, request, true),
    ),
    page(
      '/reset_counters',
      'all counters begin at 0 again',
      () => {
        subject.resetCounters();
        return text('OK\n');
      },
      'POST',
    ),
    page('/config_dump', 'the configuration at work (resource, mask, name_regex, include_eds)', async ({ query }) => {
      const dumped = await setting.dumpConfig(query);
      return 'fault' in dumped ? text(`${dumped.fault}\n`, dumped.status) : json(dumped.dump);
    }),
    page('/clusters', 'clusters and endpoints with their state (format=json)', async ({ query }) => {
      const { clustersJson, clustersText } = await import('./clusters.ts');
      const { clusters } = await subject.report();
      return query.get('format') === 'json' ? json(clustersJson(clusters)) : text(clustersText(clusters));
    }),
    page('/listeners', 'listeners and where they are bound (format=json)', async ({ query }) =>
      listenersPage((await subject.report()).listeners, query.get('format') === 'json'),
    ),
    page('/certs', 'certificates and trust roots in use', async () =>
      json((await import('./certificates.ts')).certificatesPage(subject)),
    ),
    page('/runtime', 'what keys of the runtime say, and which layer says so', () => json(runtimePage(setting))),
    page(
      '/runtime_modify',
      'keys of the admin layer (key=value)',
      ({ query }) => modifyRuntime(setting, query),
      'POST',
    ),
    page('/memory', 'memory of the process', () => json(memory())),
    page('/logging', 'log levels (level=, or a component=level)', (request) => logging(setting.log, request), 'POST'),
    page(
      '/reopen_logs',
      'opens access log files again',
      () => {
        subject.reopenLogs();
        return text('OK\n');
      },
      'POST',
    ),
    page(
      '/drain_listeners',
      'stops accepting (inboundonly, timeout_ms)',
      ({ query }) => {
        const timeout = Number(query.get('timeout_ms') ?? '600000');
        void subject.drain(
          Number.isFinite(timeout) ? timeout : 600_000,
          query.has('inboundonly') ? 'inbound' : undefined,
        );
        return text('OK\n');
      },
      'POST',
    ),
    page(
      '/healthcheck/fail',
      'not ready from now on',
      async () => {
        await subject.failHealth(true);
        return text('OK\n');
      },
      'POST',
    ),
    page(
      '/healthcheck/ok',
      'ready again',
      async () => {
        await subject.failHealth(false);
        return text('OK\n');
      },
      'POST',
    ),
    page(
      '/quitquitquit',
      'ends the process',
      () => {
        setting.quit();
        return text('OK\n');
      },
      'POST',
    ),
  ];
}

/** As Envoy's server_info names them; a proxy that waits for its first configuration is INITIALIZING. */
function stateOf({ subject: { state }, isReady }: AdminSetting): string {
  if (state === 'live' && isReady?.() === false) return 'INITIALIZING';
  return state === 'stopped' ? 'DRAINING' : state.toUpperCase();
}

function serverInfo(setting: AdminSetting): unknown {
  const { subject, version, node } = setting;
  const uptime = `${Math.floor(subject.age / 1000)}s`;
  const { epoch = 0, firstStart = subject.now - subject.age } = subject.epochs ?? {};
  return {
    version,
    state: stateOf(setting),
    uptime_current_epoch: uptime,
    uptime_all_epochs: `${Math.floor((subject.now - firstStart) / 1000)}s`,
    hot_restart_version: HOT_RESTART_VERSION,
    command_line_options: { concurrency: subject.concurrency, restart_epoch: epoch },
    node,
  };
}

function listenersPage(rows: readonly ListenerReport[], asJson: boolean): AdminAnswer {
  const shown = (address: ListenerReport['addresses'][number]): string =>
    'path' in address
      ? address.path
      : address.ip.includes(':')
        ? `[${address.ip}]:${address.port}`
        : `${address.ip}:${address.port}`;
  if (!asJson)
    return text(
      rows.flatMap(({ name, addresses }) => addresses.map((address) => `${name}::${shown(address)}\n`)).join(''),
    );
  return json({
    listener_statuses: rows.map(({ name, addresses: [first, ...others] }) => ({
      name,
      local_address: first === undefined ? undefined : addressJson(first),
      ...(others.length === 0 ? {} : { additional_local_addresses: others.map(addressJson) }),
    })),
  });
}

const addressJson = (address: { readonly ip: string; readonly port: number } | { readonly path: string }): unknown =>
  'path' in address
    ? { pipe: { path: address.path } }
    : { socket_address: { address: address.ip, port_value: address.port } };

function runtimePage({ runtimeLayers }: AdminSetting): unknown {
  const entries = runtimeLayers?.entries() ?? [];
  return {
    layers: runtimeLayers?.layers ?? [],
    entries: Object.fromEntries(
      entries.map(({ key, values, final }) => [key, { final_value: final, layer_values: values }]),
    ),
  };
}

const MODIFY_USAGE = 'usage: /runtime_modify?key1=value1&key2=value2; an empty value removes a key that was added\n';

async function modifyRuntime({ runtimeLayers }: AdminSetting, query: URLSearchParams): Promise<AdminAnswer> {
  const changes = [...query];
  if (changes.length === 0) return text(MODIFY_USAGE, 400);
  const fault = runtimeLayers === undefined ? 'No admin layer specified' : await runtimeLayers.modify(changes);
  return fault === undefined ? text('OK\n') : text(`${fault}\n`, 503);
}

function memory(): unknown {
  const { heapUsed, heapTotal, rss, external } = process.memoryUsage();
  return {
    allocated: String(heapUsed),
    heap_size: String(heapTotal),
    total_physical_bytes: String(rss),
    external: String(external),
  };
}

const isComponent = (name: string): name is LogComponent => LOG_COMPONENTS.some((component) => component === name);

async function stats(
  { subject, statsTags }: AdminSetting,
  request: AdminRequest,
  prometheus: boolean,
): Promise<AdminAnswer> {
  const { families } = await subject.report();
  const tagged =
    prometheus && statsTags !== undefined ? (await import('./stats-tags.ts')).taggedBy(statsTags)(families) : families;
  return (await import('./stats.ts')).statsPage(tagged, request, prometheus);
}

function logging(log: JsonLog | undefined, { query }: AdminRequest): AdminAnswer {
  if (log === undefined) return text('this process keeps its log levels to itself\n', 404);
  for (const [name, level] of query) {
    if (!isLogLevel(level)) return text(`${level} is no log level\n`, 400);
    if (name === 'level') log.setLevel(level);
    else if (isComponent(name)) log.setLevel(level, name);
    else return text(`${name} is no log component\n`, 400);
  }
  return text(`active loggers:\n${LOG_COMPONENTS.map((name) => `  ${name}: ${log.level(name)}\n`).join('')}`);
}
