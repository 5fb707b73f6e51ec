/**
 * Metrics by OTLP as Meshes ask for it (spec.metrics.otlp): one push a mesh, of what its proxies counted, and for the mesh `default` of the control
 * plane itself. Headers, which hold secrets, stand in OpenTelemetry's environment variables, in no object: they go to the collector of the mesh
 * `default` alone.
 */
import os from 'node:os';
import type { TrafficSource } from '@weft/control/observe';
import { collectorClient, MetricsPush, type PushHealth, TrafficTotals } from '@weft/control/otlp';
import type { MonotonicClock, WallClock } from '@weft/core/kernel';
import type { Assembly, MetricsRow } from '@weft/core/mesh-view';
import { DEFAULT_MESH } from '@weft/core/resources';
import type { Edge } from '@weft/core/traffic';
import { encodeMetrics, readRejectedPoints } from '@weft/envoy/services';
import { CommandError } from '../errors.ts';
import type { Log } from '../log.ts';
import { WEFT_VERSION } from '../version.ts';
import type { Family } from './metrics.ts';
import { OwnMetrics } from './own-metrics.ts';

type Pairs = readonly (readonly [name: string, value: string])[];

export interface OtlpMetricsOptions {
  readonly traffic: Pick<TrafficSource, 'onSample'>;
  readonly views: () => Assembly['views'];
  /** The control plane's own. */
  readonly families: () => readonly Family[];
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  readonly log: Log;
  readonly environment: NodeJS.ProcessEnv;
}

interface Running {
  readonly text: string;
  readonly push: MetricsPush;
  readonly totals: TrafficTotals;
}

/** ms that the last push gets at the end. */
const PATIENCE = 1000;

export class OtlpMetrics {
  readonly #options: OtlpMetricsOptions;
  readonly #headers: Pairs;
  readonly #attributes: Pairs;
  readonly #startedAt: number;
  readonly #running = new Map<string, Running>();
  #watch: { close(): void } | undefined;
  /** Of pushes that ended. */
  #past: PushHealth = { sent: 0, dropped: 0, failed: 0 };
  #pastOverflow = 0;

  /** Throws CommandError when a variable of the environment is none of its kind. */
  constructor(options: OtlpMetricsOptions) {
    this.#options = options;
    this.#startedAt = options.wall.now();
    const read = (name: string): Pairs => pairsOf(name, options.environment[name] ?? '');
    this.#headers = [
      ...new Map([...read('OTEL_EXPORTER_OTLP_HEADERS'), ...read('OTEL_EXPORTER_OTLP_METRICS_HEADERS')]),
    ].map(([name, value]) => [name.toLowerCase(), value] as const);
    this.#attributes = read('OTEL_RESOURCE_ATTRIBUTES');
  }

  start(): void {
    this.#watch = this.#options.traffic.onSample((sample) => {
      for (const [mesh, { totals }] of this.#running) totals.add(sample, (edge) => this.#meshOf(edge) === mesh);
    });
  }

  /** The meshes are these now. */
  assembled({ views }: Pick<Assembly, 'views'>): void {
    for (const [mesh, view] of views) {
      const row = view.mesh.get('')?.metrics;
      const text = row === undefined ? '' : JSON.stringify(row);
      if (this.#running.get(mesh)?.text === text) continue;
      this.#end(mesh);
      if (row !== undefined) this.#begin(mesh, row, text);
    }
    for (const mesh of this.#running.keys()) if (!views.has(mesh)) this.#end(mesh);
  }

  /** Of all pushes since the start; label sets that there was no room for. */
  get health(): PushHealth & { readonly overflow: number } {
    const all = [...this.#running.values()];
    const sum = all.reduce((total, { push }) => plus(total, push.health), this.#past);
    return { ...sum, overflow: all.reduce((total, { totals }) => total + totals.overflow, this.#pastOverflow) };
  }

  /** Of the totals of all meshes: octets, and what they may be. */
  get store(): { readonly octets: number; readonly room: number } {
    const all = [...this.#running.values()].map(({ totals }) => totals);
    const sum = (of: (totals: TrafficTotals) => number): number => all.reduce((total, each) => total + of(each), 0);
    return { octets: sum(({ octets }) => octets), room: sum(({ room }) => room) };
  }

  async stop(): Promise<void> {
    this.#watch?.close();
    await Promise.all([...this.#running.values()].map(({ push }) => push.stop(PATIENCE)));
    this.#running.clear();
  }

  #begin(mesh: string, row: MetricsRow, text: string): void {
    const { clock, wall, log } = this.#options;
    const totals = new TrafficTotals({ histograms: row.histograms });
    const resource = this.#resource(mesh, row);
    const own = mesh === DEFAULT_MESH;
    const ownMetrics = own ? new OwnMetrics(this.#options.families, this.#startedAt) : undefined;
    const push = new MetricsPush({
      clock,
      wall,
      interval: row.interval,
      temporality: row.temporality,
      collector: collectorClient(row.collector, row.protocol, own ? this.#headers : []),
      encode: (metrics) => encodeMetrics(resource, metrics),
      rejected: readRejectedPoints,
      metrics: (temporality, time) => [
        ...totals.metrics(temporality, time),
        ...(ownMetrics?.metrics(temporality, time) ?? []),
      ],
      onState: (error) =>
        error === ''
          ? log.info('metrics are taken by the collector', { mesh })
          : log.warn('metrics are not taken by the collector', { mesh, problem: error }),
    });
    this.#running.set(mesh, { text, push, totals });
    push.start();
  }

  #end(mesh: string): void {
    const known = this.#running.get(mesh);
    if (known === undefined) return;
    this.#running.delete(mesh);
    this.#past = plus(this.#past, known.push.health);
    this.#pastOverflow += known.totals.overflow;
    void known.push.stop();
  }

  /** By the proxy that counted. */
  #meshOf({ reporter, source, destination }: Edge): string {
    const { namespace } = reporter === 'source' ? source : destination;
    for (const [mesh, view] of this.#options.views()) if (view.namespace.has(namespace)) return mesh;
    return DEFAULT_MESH;
  }

  #resource(mesh: string, { resourceAttributes }: MetricsRow): Pairs {
    return [
      ...new Map<string, string>([
        ['service.name', 'weft'],
        ['service.version', WEFT_VERSION],
        ['service.instance.id', os.hostname()],
        ['weft.mesh', mesh],
        ...this.#attributes,
        ...Object.entries(resourceAttributes),
      ]),
    ];
  }
}

const plus = (a: PushHealth, b: PushHealth): PushHealth => ({
  sent: a.sent + b.sent,
  dropped: a.dropped + b.dropped,
  failed: a.failed + b.failed,
});

/** `name=value` by commas, values percent-encoded (OpenTelemetry's environment variables). The text holds secrets: no message quotes it. */
function pairsOf(variable: string, text: string): Pairs {
  return text
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair, index) => {
      const equals = pair.indexOf('=');
      const name = pair.slice(0, Math.max(0, equals)).trim();
      try {
        const value = decodeURIComponent(pair.slice(equals + 1).trim());
        if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !/[^\t\x20-\x7e]/.test(value)) return [name, value] as const;
      } catch {
        // Said below.
      }
      throw new CommandError(
        `${variable}: entry ${index + 1} is no \`name=value\``,
        'Write pairs of a name and a percent-encoded value, parted by commas.',
      );
    });
}
