/**
 * The time series of the mesh, for whoever serves or draws them: the built-in store on a thread of its own, or a Prometheus that the user
 * runs. The store's thread can be slow or end: the control plane goes on, queries answer 503, and it is started again.
 */
import { Worker } from 'node:worker_threads';
import type { TrafficSample, TrafficSource } from '../observe/index.ts';
import type { WallClock } from '@weft/core/kernel';
import type { Exemplar } from '@weft/core/metrics';
import type { Edge } from '@weft/core/traffic';
import type { FromStore, Gauge, ToStore } from './messages.ts';
import type { SeriesStoreOptions, StoreHealth } from './store/series-store.ts';

export interface SeriesAnswer {
  readonly code: number;
  /** JSON text in Prometheus' form. */
  readonly body: string;
}

/** Prometheus' HTTP API: `path` is what comes behind `/api/v1/`. */
export interface SeriesQueries {
  query(path: string, parameters: URLSearchParams): Promise<SeriesAnswer>;
}

export interface BuiltInSeriesOptions extends SeriesStoreOptions {
  readonly traffic: Pick<TrafficSource, 'onSample'>;
  readonly wall: WallClock;
  /** Told with every sample. */
  readonly gauges: () => readonly Gauge[];
  readonly onProblem: (text: string) => void;
}

/** Queries that wait for the store at once; more are refused. */
const WAITING_LIMIT = 64;
/** Samples that the store may be behind before new ones are left out: one minute. */
const BEHIND_LIMIT = 12;
/** Samples after which an edge that counted nothing is not known by its number any more: ten minutes. */
const EDGE_IDLE = 120;
const RESTARTS = 5;

const failed = (code: number, error: string): SeriesAnswer => ({
  code,
  body: JSON.stringify({ status: 'error', errorType: 'unavailable', error }),
});

export class BuiltInSeries implements SeriesQueries {
  readonly #options: BuiltInSeriesOptions;
  #worker: Worker | undefined;
  #watch: { close(): void } | undefined;
  readonly #waiting = new Map<number, (message: FromStore | undefined) => void>();
  readonly #edges = new Map<Edge, { readonly id: number; used: number }>();
  #nextId = 1;
  #samples = 0;
  #behind = 0;
  #leftOut = 0;
  #lastHealth: StoreHealth | undefined;
  #restarts = 0;

  constructor(options: BuiltInSeriesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#begin();
    this.#watch = this.#options.traffic.onSample((sample) => this.#record(sample));
  }

  /** Samples that were left out since the store was behind. */
  get leftOut(): number {
    return this.#leftOut;
  }

  async query(path: string, parameters: URLSearchParams): Promise<SeriesAnswer> {
    if (this.#waiting.size >= WAITING_LIMIT) return failed(503, `${WAITING_LIMIT} queries are running: try again`);
    const now = this.#options.wall.now();
    const message = await this.#ask((id) => ({ kind: 'query', id, path, parameters: parameters.toString(), now }));
    return message?.kind === 'answer'
      ? { code: message.code, body: message.body }
      : failed(503, 'the store of time series is not running');
  }

  /** As it was told last: with each sample. */
  get lastHealth(): StoreHealth | undefined {
    return this.#lastHealth;
  }

  async health(): Promise<StoreHealth | undefined> {
    const message = await this.#ask((id) => ({ kind: 'health', id }));
    if (message?.kind !== 'health') return undefined;
    this.#lastHealth = message.health;
    return message.health;
  }

  /** What it holds is written to the file. */
  async stop(): Promise<void> {
    this.#watch?.close();
    const worker = this.#worker;
    if (worker === undefined) return;
    const closed = this.#ask((id) => ({ kind: 'close', id }));
    // From here its end is no accident, also where it comes before its answer.
    this.#worker = undefined;
    await closed;
    await worker.terminate();
  }

  #begin(): void {
    const { file, fileLimit, maxSeries, labelsRoom, maxFields, maxExemplars, onProblem } = this.#options;
    const worker = new Worker(new URL('thread.ts', import.meta.url), {
      workerData: { file, fileLimit, maxSeries, labelsRoom, maxFields, maxExemplars } satisfies Record<
        keyof SeriesStoreOptions,
        unknown
      >,
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 12 },
      name: 'series',
    });
    worker.unref();
    this.#worker = worker;
    this.#behind = 0;
    this.#edges.clear();
    worker.on('message', (message: FromStore) => this.#told(message));
    worker.on('error', (error) => onProblem(`the store of time series: ${error.message}`));
    worker.on('exit', () => {
      for (const tell of this.#waiting.values()) tell(undefined);
      this.#waiting.clear();
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#restarts += 1;
      if (this.#restarts <= RESTARTS) this.#begin();
      else onProblem('the store of time series ended too often and stays away until the control plane starts again');
    });
  }

  #record({ at, edges: sampled, counts, exemplars: examples }: TrafficSample): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#samples += 1;
    if (this.#behind >= BEHIND_LIMIT) {
      this.#leftOut += 1;
      return;
    }
    const edges: [number, Edge][] = [];
    const exemplars: [number, readonly Exemplar[]][] = [];
    const rows = sampled.map((edge) => {
      let known = this.#edges.get(edge);
      if (known === undefined) {
        known = { id: this.#nextId, used: this.#samples };
        this.#nextId += 1;
        this.#edges.set(edge, known);
        edges.push([known.id, edge]);
      }
      known.used = this.#samples;
      const found = examples?.get(edge);
      if (found !== undefined) exemplars.push([known.id, found]);
      return known.id;
    });
    const gone: number[] = [];
    for (const [edge, { id, used }] of this.#edges) {
      if (used > this.#samples - EDGE_IDLE) continue;
      this.#edges.delete(edge);
      gone.push(id);
    }
    const parts = counts.parts();
    const gauges = this.#options.gauges();
    const message: ToStore = { kind: 'sample', at, edges, gone, rows, counts: parts, exemplars, gauges };
    this.#send(message, [parts.bytes.buffer as ArrayBuffer]);
    // Health is what tells that the sample was taken: messages are answered in order.
    this.#behind += 1;
    void this.health().then(() => (this.#behind = Math.max(0, this.#behind - 1)));
  }

  #ask(message: (id: number) => ToStore): Promise<FromStore | undefined> {
    if (this.#worker === undefined) return Promise.resolve(undefined);
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send(message(id));
    });
  }

  /** `handed`: what is the store's from now on. */
  #send(message: ToStore, handed: readonly ArrayBuffer[] = []): void {
    this.#worker?.postMessage(message, [...handed]);
  }

  #told(message: FromStore): void {
    const tell = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    tell?.(message);
  }
}
