/**
 * The engines of one proxy on several threads. This thread coordinates: it takes configurations and secrets and hands them over, resolves names, checks
 * and ejects endpoints for all (an engine that leads and serves nothing), answers the admin pages, and replaces a worker that died. It must never move a
 * byte of traffic.
 */
import type { Listener, Overload, ProxyConfig, RuntimeValues } from '@weft/core/proxy-config';
import type { LogNode } from '@weft/core/services';
import type { TapRecord, TapRequest } from '@weft/core/tap';
import type { TrafficTable } from '@weft/core/traffic';
import { EMPTY_PROXY_CONFIG, NO_RUNTIME } from '@weft/core/proxy-config';
import type { AdminSubject, EngineReport } from '../admin/index.ts';
import { mergeReports, reportOf } from '../admin/report.ts';
import {
  type ApplyFault,
  type ApplyResult,
  Engine,
  type EngineState,
  type JsonLog,
  MemorySecrets,
  PROCESS_CELLS,
  type PassedSocket,
  ProcessCell,
  type SelfIdentity,
} from '../engine/index.ts';
import { LOG_COMPONENTS, type WantedRow } from '../ports.ts';
import type { TlsMaterial } from '../transport/index.ts';
import { BREAKER_CELLS, Ledger, type LocalZoneSetting } from '../upstream/index.ts';
import { handover } from './handover.ts';
import { LimitLedgers } from './limits.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { Reservations } from './reservations.ts';
import { PoolTaps } from './taps.ts';
import { WorkerThread } from './thread.ts';

/** ms that an admin page waits for one worker's numbers. */
const REPORT = 2000;
/** How often the beats of the workers are looked at, and after how many looks without one a worker is replaced. */
const WATCHDOG = { everyMs: 1000, missed: 10 };
/** A worker that dies again and again comes back after this much, doubled each time, ms; one that lived longer than `STEADY` at once. */
const FIRST_WAIT = 100;
const LAST_WAIT = 5000;
const STEADY = 10_000;

const NOTHING: ApplyResult = { faults: [], warnings: [], waiting: [] };

export interface PoolOptions {
  /** Workers, 2 or more. */
  readonly concurrency: number;
  /** Where this proxy is among those of its kind; absent: no routing is zone aware. */
  readonly zone?: LocalZoneSetting;
  /** Module that a worker thread runs; it calls `serveWorker`. */
  readonly entry?: URL;
  readonly secrets: MemorySecrets;
  readonly log: JsonLog;
  /** Takes the log lines of workers, whole. */
  readonly line: (line: string) => void;
  readonly self?: SelfIdentity;
  readonly serviceCluster?: string;
  readonly node?: LogNode;
  /** As EngineOptions has them. */
  readonly runtimeValues?: RuntimeValues;
  readonly wanted?: (row: WantedRow) => void;
  /** Open downstream connections of the whole process; 0: unlimited. */
  readonly maxConnections?: number;
  readonly overload?: Overload | undefined;
  readonly drainTime?: number;
  readonly epoch?: number;
  readonly warmTime?: number;
  /** Sockets that the process before this one left open. */
  readonly inherited?: readonly PassedSocket[];
  /** When a worker that stands still is replaced; default: after 10 s. */
  readonly watchdog?: { readonly everyMs: number; readonly missed: number };
}

interface Place {
  thread: WorkerThread | undefined;
  since: number;
  wait: number;
  beat: number;
  missed: number;
}

export class WorkerPool implements AdminSubject {
  readonly concurrency: number;
  readonly #options: PoolOptions;
  readonly #leader: Engine;
  readonly #process: SharedArrayBuffer;
  readonly #places: Place[];
  readonly #reservations: Reservations;
  #inherited: readonly PassedSocket[];
  readonly #ledgers = new Map<string, SharedArrayBuffer>();
  readonly #limits: LimitLedgers;
  readonly #epoch = process.hrtime.bigint();
  readonly #taps = new PoolTaps((message, thread) =>
    thread === undefined ? this.#tell(message) : thread.tell(message),
  );
  readonly #drained = new Set<Listener['direction'] | undefined>();
  #runtimeValues: RuntimeValues;
  #asked: ProxyConfig = EMPTY_PROXY_CONFIG;
  #current: ProxyConfig = EMPTY_PROXY_CONFIG;
  #queue: Promise<unknown> = Promise.resolve();
  #state: EngineState = 'initializing';
  #failing = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.concurrency = options.concurrency;
    this.#runtimeValues = options.runtimeValues ?? NO_RUNTIME;
    this.#inherited = options.inherited ?? [];
    this.#reservations = new Reservations(this.#inherited);
    this.#limits = new LimitLedgers(options.concurrency);
    this.#process = Ledger.allocate(PROCESS_CELLS, options.concurrency);
    this.#places = Array.from({ length: options.concurrency }, () => ({
      thread: undefined,
      since: 0,
      wait: 0,
      beat: 0,
      missed: 0,
    }));
    this.#leader = new Engine({
      secrets: options.secrets,
      log: options.log,
      ...(options.self === undefined ? {} : { self: options.self }),
      ...(options.warmTime === undefined ? {} : { warmTime: options.warmTime }),
      ...(options.epoch === undefined ? {} : { epoch: options.epoch }),
      sharing: {
        engine: 0,
        engines: options.concurrency,
        process: new Ledger(this.#process, PROCESS_CELLS, 0),
        binding: { reusePort: true, opensPipes: false },
        upstream: {
          ledger: () => new Ledger(Ledger.allocate(BREAKER_CELLS, options.concurrency), BREAKER_CELLS, 0),
          leads: (news) => this.#tell({ kind: 'news', news }),
        },
      },
    });
  }

  get state(): EngineState {
    return this.#state === 'live' && (this.#failing || this.#living.length === 0) ? 'draining' : this.#state;
  }

  get age(): number {
    return this.#leader.runtime.clock.now() - this.#leader.startedAt;
  }

  get now(): number {
    return this.#leader.runtime.wall.now();
  }

  get config(): ProxyConfig {
    return this.#asked;
  }

  get material(): TlsMaterial {
    return this.#leader.material;
  }

  get traffic(): TrafficTable {
    return this.#leader.telemetry.traffic;
  }

  get #living(): WorkerThread[] {
    return this.#places.flatMap(({ thread }) => (thread === undefined || thread.over ? [] : [thread]));
  }

  start(): void {
    const { secrets, log } = this.#options;
    secrets.onChange((name) => this.#tellSecret(name, this.#living));
    log.levelChanged = (level, component) => this.#tell({ kind: 'level', level, component });
    this.#leader.start();
    const { registry } = this.#leader.telemetry;
    registry.observed('envoy_server_concurrency', 'gauge', [], 'server.concurrency', () => this.concurrency);
    registry.counter('weft_worker_restarts_total');
    for (const index of this.#places.keys()) this.#spawn(index);
    this.#watch = setInterval(() => this.#look(), (this.#options.watchdog ?? WATCHDOG).everyMs);
    this.#watch.unref();
  }

  /** As the engine's: one after the other, at work in every worker when it resolves. A worker that dies meanwhile is a fault; its successor tries again. */
  apply(config: ProxyConfig): Promise<ApplyResult> {
    const done = this.#queue.then(() => this.#apply(config));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** As the engine's, of all workers together. */
  handOver<Outcome>(use: (sockets: readonly PassedSocket[]) => Promise<Outcome>): Promise<Outcome> {
    const done = this.#queue.then(async () => {
      const answers = await Promise.all(this.#living.map((thread) => thread.ask({ kind: 'sockets' })));
      return use(answers.flatMap((answer) => (Array.isArray(answer) ? (answer as readonly PassedSocket[]) : [])));
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** As the engine's; every worker knows it when it resolves. */
  async setRuntime(values: RuntimeValues): Promise<void> {
    this.#runtimeValues = values;
    await Promise.all(this.#living.map((thread) => thread.ask({ kind: 'runtime', values })));
  }

  /** Inherited sockets begin to accept. */
  open(): void {
    this.#inherited = [];
    this.#reservations.forget();
    this.#tell({ kind: 'open' });
  }

  /** As the engine's, of all workers together. */
  async drain(timeoutMs: number, direction?: Listener['direction'], passedOn = false): Promise<number> {
    if (direction === undefined) this.#state = 'draining';
    this.#drained.add(direction);
    const cut = await Promise.all(
      this.#living.map((thread) => thread.ask({ kind: 'drain', timeoutMs, direction, passedOn })),
    );
    return cut.reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearInterval(this.#watch);
    await Promise.all(this.#living.map((thread) => thread.stop()));
    this.#leader.stop();
  }

  async report(): Promise<EngineReport> {
    const answers = await Promise.all(this.#living.map((thread) => thread.ask({ kind: 'report' }, REPORT)));
    const reports = answers.filter((answer) => typeof answer === 'object' && 'families' in answer);
    return mergeReports([reportOf(this.#leader), ...reports]);
  }

  tap(request: TapRequest, shown: (record: TapRecord) => void, missed: (count: number) => void): { close(): void } {
    return this.#taps.open(request, shown, missed);
  }

  reopenLogs(): void {
    this.#tell({ kind: 'reopen-logs' });
  }

  resetCounters(): void {
    this.#leader.telemetry.registry.resetCounters();
    this.#tell({ kind: 'reset-counters' });
  }

  async failHealth(failing: boolean): Promise<void> {
    this.#failing = failing;
    await Promise.all(this.#living.map((thread) => thread.ask({ kind: 'fail-health', failing }, REPORT)));
  }

  /** A worker said something, not in answer to a question. */
  said(message: Exclude<FromWorker, { kind: 'answer' }>): void {
    if (message.kind === 'line') {
      this.#options.line(message.line);
      return;
    }
    if (message.kind === 'counted') {
      this.traffic.absorb(message.amounts);
      return;
    }
    if (message.kind === 'tapped' || message.kind === 'missed') {
      this.#taps.heard(message);
      return;
    }
    if (message.kind === 'wanted') {
      this.#options.wanted?.(message.row);
      return;
    }
    const cluster = this.#leader.clusters.get(message.cluster);
    if (message.kind === 'traffic') cluster?.firstTraffic();
    else cluster?.detectedElsewhere(message.key, message.cause);
  }

  /** What it held of the process's limits is given back; another takes its place. */
  ended(thread: WorkerThread, reason: string | undefined): void {
    const index = thread.engine - 1;
    const place = this.#places[index];
    if (place === undefined || reason === undefined || this.#state === 'stopped') return;
    for (const cluster of this.#leader.clusters.all()) cluster.ledger?.settle(thread.engine);
    new Ledger(this.#process, PROCESS_CELLS, 0).settle(thread.engine);
    this.#limits.settle(thread.engine);
    this.#leader.telemetry.registry.counter('weft_worker_restarts_total').add(1);
    this.#options.log.write('config', 'error', 'a worker ended and is replaced', { worker: thread.engine, reason });
    place.thread = undefined;
    const lived = this.age - place.since;
    place.wait = lived > STEADY || place.wait === 0 ? FIRST_WAIT : Math.min(LAST_WAIT, place.wait * 2);
    setTimeout(
      () => {
        if (this.#state !== 'stopped' && !this.#drained.has(undefined)) this.#spawn(index);
      },
      lived > STEADY ? 0 : place.wait,
    );
  }

  #spawn(index: number): void {
    const place = this.#places[index];
    if (place === undefined) return;
    const {
      entry = new URL('./entry.ts', import.meta.url),
      log,
      self,
      serviceCluster = '',
      maxConnections = 0,
    } = this.#options;
    const thread = new WorkerThread(index + 1, entry, this);
    Object.assign(place, { thread, since: this.age, beat: 0, missed: 0 });
    thread.tell({
      kind: 'start',
      engine: thread.engine,
      engines: this.concurrency,
      process: this.#process,
      epoch: this.#epoch,
      self,
      serviceCluster,
      node: this.#options.node,
      failing: this.#failing,
      onDemand: this.#options.wanted !== undefined,
      runtimeValues: this.#runtimeValues,
      maxConnections,
      overload: this.#options.overload,
      zone: this.#options.zone,
      drainTime: this.#options.drainTime,
      warmTime: this.#options.warmTime,
      levels: LOG_COMPONENTS.map((name) => [name, log.level(name)]),
      inherited: this.#inherited.filter(({ engine }) => engine === thread.engine),
    });
    this.#taps.joined(thread);
    for (const name of this.#options.secrets.names()) this.#tellSecret(name, [thread]);
    for (const cluster of this.#leader.clusters.all()) cluster.tellAll((news) => thread.tell({ kind: 'news', news }));
    if (this.#current === EMPTY_PROXY_CONFIG) return;
    const config = handover(EMPTY_PROXY_CONFIG, this.#current);
    const limits = this.#limits.of(config);
    void thread.ask({ kind: 'apply', config, ledgers: [...this.#ledgers], limits }).then((answer) => {
      if (typeof answer === 'object' && 'faults' in answer) this.#sayOnce(answer, NOTHING);
      for (const direction of this.#drained)
        void thread.ask({ kind: 'drain', timeoutMs: 0, direction, passedOn: false });
    });
  }

  async #apply(config: ProxyConfig): Promise<ApplyResult> {
    if (this.#state === 'stopped') return NOTHING;
    this.#asked = config;
    const faults: ApplyFault[] = [];
    const listeners = this.#reserve(config, faults);
    const led = await this.#leader.apply({ ...config, listeners: new Map(), routes: new Map(), scopes: new Map() });
    const ledgers: [string, SharedArrayBuffer][] = [];
    for (const cluster of this.#leader.clusters.all()) {
      cluster.flushNews();
      const buffer = cluster.ledger?.buffer;
      if (buffer === undefined || this.#ledgers.get(cluster.name) === buffer) continue;
      this.#ledgers.set(cluster.name, buffer);
      ledgers.push([cluster.name, buffer]);
    }
    for (const name of this.#ledgers.keys()) if (!config.clusters.has(name)) this.#ledgers.delete(name);
    const next = { ...config, listeners };
    const handed = handover(this.#current, next);
    const limits = this.#limits.of(handed);
    this.#current = next;
    const answers = await Promise.all(
      this.#living.map(
        async (thread) => [thread, await thread.ask({ kind: 'apply', config: handed, ledgers, limits })] as const,
      ),
    );
    const results: ApplyResult[] = [led];
    for (const [{ engine }, answer] of answers) {
      if (typeof answer === 'object' && 'faults' in answer) results.push(answer);
      else
        faults.push({
          table: 'listeners',
          name: '',
          message: `worker ${engine} ended while it applied the configuration`,
        });
    }
    if (answers.length === 0) faults.push({ table: 'listeners', name: '', message: 'no worker is there to apply it' });
    if (this.#state === 'initializing') this.#state = 'live';
    const outcome = {
      faults: unique([...faults, ...results.flatMap((result) => result.faults)]),
      warnings: unique(results.flatMap((result) => result.warnings)),
      waiting: unique(results.flatMap((result) => result.waiting)),
    };
    this.#sayOnce(outcome, led);
    return outcome;
  }

  /** What the engine that leads has not said itself. */
  #sayOnce({ faults, warnings, waiting }: ApplyResult, led: ApplyResult): void {
    const { log } = this.#options;
    const said = new Set([...led.faults, ...led.warnings].map(({ message }) => message));
    for (const [level, rows] of [
      ['error', faults],
      ['warning', warnings],
    ] as const)
      for (const { table, name, message } of rows)
        if (!said.has(message)) log.write('config', level, message, { table, name });
    for (const { listener, secret } of waiting)
      log.write('config', 'info', 'listener waits for a secret', { listener, secret });
  }

  /** Listeners whose addresses can be had; for others the last version that could. */
  #reserve(config: ProxyConfig, faults: ApplyFault[]): Map<string, Listener> {
    const had = this.#reservations.reserve(config.listeners.values(), (name, message) =>
      faults.push({ table: 'listeners', name, message }),
    );
    const listeners = new Map<string, Listener>();
    for (const name of config.listeners.keys()) {
      const row = had.get(name) ?? this.#current.listeners.get(name);
      if (row !== undefined) listeners.set(name, row);
    }
    return listeners;
  }

  #tellSecret(name: string, threads: readonly WorkerThread[]): void {
    const { secrets } = this.#options;
    for (const thread of threads) {
      thread.tell({ kind: 'certificate', name, secret: secrets.certificate(name) });
      thread.tell({ kind: 'roots', name, pem: secrets.trustRoots(name) });
    }
  }

  #tell(
    message: Extract<
      ToWorker,
      { kind: 'news' | 'level' | 'tap' | 'untap' | 'reopen-logs' | 'reset-counters' | 'open' }
    >,
  ): void {
    for (const thread of this.#living) thread.tell(message);
  }

  /** Looks are counted and not time, so that a process that was stopped as a whole kills nobody when it goes on. */
  #look(): void {
    const { everyMs, missed } = this.#options.watchdog ?? WATCHDOG;
    for (const place of this.#places) {
      const { thread } = place;
      if (thread === undefined || thread.over) continue;
      const beat = new Ledger(this.#process, PROCESS_CELLS, thread.engine).own(ProcessCell.beats);
      place.missed = beat === place.beat ? place.missed + 1 : 0;
      place.beat = beat;
      if (place.missed >= missed) thread.kill(`its event loop was blocked for ${(missed * everyMs) / 1000} s`);
    }
  }
}

/** The same fault in every worker is one fault. */
const unique = <Each>(rows: readonly Each[]): Each[] => [
  ...new Map(rows.map((row) => [JSON.stringify(row), row])).values(),
];
