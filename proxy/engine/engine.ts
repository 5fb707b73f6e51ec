/**
 * The engine: takes whole ProxyConfigs and moves connections by the last one. Builds the new beside the old and swaps; what did not change keeps its
 * sockets, connections and counts. `start` before the first `apply`; `drain`, then `stop`, at the end.
 */
import type { Listener, ProxyConfig, RuntimeValues } from '@weft/core/proxy-config';
import { EMPTY_PROXY_CONFIG, NO_RUNTIME } from '@weft/core/proxy-config';
import { createRequire } from 'node:module';
import { ClusterCalls } from '../calls/index.ts';
import { Http2Shared } from '../http2/shared.ts';
import { createHttpPath } from '../http/index.ts';
import { InternalConnections, type PassedSocket } from '../listen/index.ts';
import { collectGarbage } from '../overload/collect.ts';
import { calm, LoadShedding } from '../overload/overload.ts';
import type { EngineRuntime } from '../ports.ts';
import { type LogNode, type SpanResource, resourceAttributes, type ServiceMessages } from '@weft/core/services';
import type { Tracers } from '../tracing/index.ts';
import { type LogServices, Telemetry } from '../telemetry/telemetry.ts';
import { HashedTimerWheel, systemMonotonicClock, systemWallClock, TurnClock } from '../time/index.ts';
import { secretNames, TlsMaterial, UpstreamContexts } from '../transport/index.ts';
import { LocalZone, systemDns, type UpstreamCluster } from '../upstream/index.ts';
import { Clusters } from './clusters.ts';
import { type ListenerOutcome, Listeners } from './listeners.ts';
import { type ApplyFault, type ApplyResult, type EngineOptions, ProcessCell } from './options.ts';
import { OnDemand } from './on-demand.ts';
import { RouteCells } from './route-cells.ts';
import { Warming } from './warming.ts';

const require = createRequire(import.meta.url);
/** Loaded with the first connection manager that traces. */
const tracing = () => require('../tracing/index.ts') as typeof import('../tracing/index.ts');

/** Time that callers get to notice, ms. */
const CALM = 500;
/** Time that a removed cluster still answers those who were routed to it before, ms. */
const LINGER = 5000;
const NO_LOCALITY = { region: '', zone: '', subZone: '' };

export type EngineState = 'initializing' | 'live' | 'draining' | 'stopped';

export class Engine {
  readonly runtime: EngineRuntime;
  readonly telemetry: Telemetry;
  readonly clusters: Clusters;
  readonly material: TlsMaterial;
  readonly startedAt: number;
  readonly #options: EngineOptions;
  readonly #listeners: Listeners;
  readonly #routes: RouteCells;
  readonly #warming: Warming;
  readonly #shedding: LoadShedding | undefined;
  #config: ProxyConfig = EMPTY_PROXY_CONFIG;
  #state: EngineState = 'initializing';
  #queue: Promise<unknown> = Promise.resolve();
  #waitingFor: ReadonlySet<string> = new Set();
  #connections = 0;
  #lastId: number;
  readonly #idStep: number;
  readonly #onDemand: OnDemand | undefined;
  /** For access logs and spans that go to services. */
  #calls: ClusterCalls | undefined;
  #tracers: Tracers | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#idStep = options.sharing?.engines ?? 1;
    this.#lastId = (options.sharing?.engine ?? 1) - this.#idStep;
    const clock = new TurnClock(options.clock ?? systemMonotonicClock);
    const wall = options.wall ?? systemWallClock;
    this.telemetry = new Telemetry(clock, options.self, () => this.#logServices());
    if (options.wanted !== undefined)
      this.#onDemand = new OnDemand(options.wanted, ({ table, name }) =>
        table === 'clusters' ? this.clusters.get(name) !== undefined : this.#routes.has(name),
      );
    this.runtime = {
      clock,
      wall,
      timers: new HashedTimerWheel(clock),
      random: options.random ?? Math.random,
      log: options.log ?? { enabled: () => false, write: () => undefined },
      records: this.telemetry,
      counters: this.telemetry,
      messages: options.messages,
      tracing: (manager, row, egress, report) => this.#tracersMade().manager(manager, row, egress, report),
      overload: calm(),
      health: { failing: false, serviceCluster: options.serviceCluster ?? '' },
      limits: options.sharing?.limits,
      onDemand: this.#onDemand,
      dns: options.dns ?? systemDns,
      values: { current: options.runtimeValues ?? NO_RUNTIME },
    };
    this.telemetry.accessLogs.values = this.runtime.values;
    this.startedAt = clock.now();
    this.material = new TlsMaterial(options.secrets);
    const drainTime = options.drainTime ?? 600_000;
    const internal = new InternalConnections(this.runtime.timers);
    this.clusters = new Clusters(
      {
        runtime: this.runtime,
        registry: this.telemetry.registry,
        contexts: new UpstreamContexts(this.material, (detail) =>
          this.runtime.log.write('tls', 'error', 'new secret refused for endpoints, the old one stays', { detail }),
        ),
        dns: this.runtime.dns ?? systemDns,
        internal,
        sharing: options.sharing?.upstream,
        zone: options.zone === undefined ? undefined : new LocalZone(options.zone),
      },
      Math.min(LINGER, drainTime),
    );
    const http = (options.http ?? createHttpPath)(this.runtime);
    this.#routes = new RouteCells((configuration) => http.compileRoutes(configuration));
    this.#listeners = new Listeners(
      {
        parts: {
          runtime: this.runtime,
          registry: this.telemetry.registry,
          material: this.material,
          http,
          clusters: this.clusters,
          routes: (name) => this.#routes.cell(name),
          scopedRoutes: (row) => this.#routes.scoped(row),
          accessLoggers: (logs) => this.telemetry.accessLoggers(logs),
        },
        nextConnectionId: () => (this.#lastId += this.#idStep),
        admit: () => this.#admit(),
        leave: () => this.#leave(),
        originalDestination: options.originalDestination,
        internal,
        sharedBinding: options.sharing?.binding,
        inheritance: options.inheritance,
      },
      drainTime,
    );
    if (options.overload !== undefined) {
      const shared = options.sharing?.process;
      this.#shedding = new LoadShedding(options.overload, {
        clock,
        registry: this.telemetry.registry,
        log: this.runtime.log,
        state: this.runtime.overload,
        collect: collectGarbage,
        connections: () => shared?.total(ProcessCell.connections) ?? this.#connections,
        memory: (own) => {
          if (shared === undefined) return own;
          shared.put(ProcessCell.memoryKb, Math.round(own / 1024));
          return shared.total(ProcessCell.memoryKb) * 1024;
        },
        ...(options.readings === undefined ? {} : { readings: options.readings }),
      });
    }
    this.#warming = new Warming(this.runtime.clock, this.material, options.warmTime ?? 15_000);
  }

  #logServices(): LogServices {
    return {
      calls: this.#ownCalls,
      messages: this.#messages(),
      node: this.#node,
      random: this.runtime.random,
      resource: this.#resource,
    };
  }

  #tracersMade(): Tracers {
    this.#tracers ??= new (tracing().Tracers)({
      runtime: this.runtime,
      calls: this.#ownCalls,
      messages: () => this.#messages(),
      node: this.#node,
      resource: this.#resource,
    });
    return this.#tracers;
  }

  get #resource(): SpanResource['attributes'] {
    return this.#options.self === undefined ? [] : resourceAttributes(this.#options.self);
  }

  get #ownCalls(): ClusterCalls {
    this.#calls ??= new ClusterCalls(this.runtime, this.clusters, new Http2Shared(this.runtime.clock));
    return this.#calls;
  }

  get #node(): LogNode {
    return this.#options.node ?? { id: '', cluster: '', metadata: {}, locality: NO_LOCALITY };
  }

  #messages(): ServiceMessages {
    const { messages } = this.runtime;
    if (messages === undefined) throw new TypeError('this engine has no messages of services');
    return messages();
  }

  get state(): EngineState {
    return this.#state === 'live' && this.runtime.health.failing ? 'draining' : this.#state;
  }

  /** `/healthcheck/fail` and `/healthcheck/ok`: says "not ready", and asks callers to go, while everything goes on. */
  failHealth(failing: boolean): void {
    this.runtime.health.failing = failing;
  }

  /** The runtime's values from now on. */
  setRuntime(values: RuntimeValues): void {
    this.runtime.values.current = values;
  }

  /** The configuration asked for last. */
  get config(): ProxyConfig {
    return this.#config;
  }

  get listeners(): Listeners['live'] {
    return this.#listeners.live;
  }

  /** HTTP exchanges and TCP connections that are open now. */
  get openExchanges(): number {
    let open = 0;
    for (const { terminal } of this.#listeners.chains()) open += terminal.openExchanges;
    return open;
  }

  get openConnections(): number {
    return this.#connections;
  }

  start(): void {
    this.#shedding?.start();
    this.material.start();
    this.material.onChange((name) => {
      this.#listeners.refreshSecret(name);
      if (this.#waitingFor.has(name)) void this.apply(this.#config);
    });
    this.telemetry.observeServer(
      () => (this.runtime.clock.now() - this.startedAt) / 1000,
      () => this.#state === 'live',
      () => this.#connections,
      this.#options.epoch ?? 0,
    );
    this.telemetry.observeManagers(
      () => this.#listeners.live.size,
      () => this.#config.clusters.size,
    );
  }

  /** One after the other. Resolves when the configuration is at work as far as it can be; never rejects for what a configuration says. */
  apply(config: ProxyConfig): Promise<ApplyResult> {
    const done = this.#queue.then(() => this.#apply(config));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /**
   * Stops accepting (for one direction, or all), asks callers to go with every answer, and waits until all went or, after half a second for
   * those that have just begun to ask, no exchange is open; at most `timeoutMs`. Then cuts the rest. Resolves with the number of exchanges cut.
   * `passedOn`: another process accepts on the same sockets, so nobody is in a hurry; a connection that is only idle has all the time.
   */
  async drain(timeoutMs: number, direction?: Listener['direction'], passedOn = false): Promise<number> {
    if (direction === undefined) this.#state = 'draining';
    this.#listeners.drain(direction, passedOn);
    const { clock } = this.runtime;
    const end = clock.now() + timeoutMs;
    const calm = passedOn ? end : clock.now() + Math.min(CALM, timeoutMs / 2);
    const terminals = [...this.#listeners.live.values()]
      .filter(({ runtime }) => direction === undefined || runtime.row.direction === direction)
      .flatMap(({ runtime }) => runtime.terminals);
    const open = (): number => terminals.reduce((sum, terminal) => sum + terminal.openExchanges, 0);
    const over = (now: number): boolean =>
      now >= end || terminals.every(({ openConnections }) => openConnections === 0) || (now >= calm && open() === 0);
    while (!over(clock.now())) {
      await new Promise<void>((resolve) => clock.after(Math.min(20, Math.max(1, end - clock.now())), resolve));
    }
    for (const terminal of terminals) terminal.drain();
    const cut = open();
    for (const terminal of terminals) terminal.destroy();
    this.telemetry.accessLogs.flush();
    this.#tracers?.flush();
    return cut;
  }

  /** Runs `use` on every open socket while no configuration changes: a descriptor is that socket's until `use` is over. */
  handOver<Outcome>(use: (sockets: readonly PassedSocket[]) => Promise<Outcome>): Promise<Outcome> {
    const done = this.#queue.then(() => use(this.#listeners.passable(this.#options.sharing?.engine ?? 0)));
    this.#queue = done.then(ignore, ignore);
    return done;
  }

  /** Cuts everything at once and gives back every socket. */
  stop(): void {
    this.#state = 'stopped';
    this.#shedding?.stop();
    this.#listeners.destroy();
    this.telemetry.accessLogs.flush();
    this.#tracers?.stop();
    this.clusters.stop();
    this.material.stop();
    this.telemetry.stop();
  }

  async #apply(config: ProxyConfig): Promise<ApplyResult> {
    const outcome: ListenerOutcome = { faults: [], warnings: [], waiting: [] };
    if (this.#state === 'stopped') return outcome;
    this.#config = config;
    this.material.setTrustBundles(config.trustBundles);
    const prepared = this.clusters.prepare(config, outcome.faults, outcome.warnings);
    await this.#warming.wait(neededSecrets(config), prepared);
    if (this.state === 'stopped') {
      this.clusters.discard(prepared);
      return outcome;
    }
    this.#swap(config, prepared, outcome.faults);
    await this.#listeners.apply(config, outcome);
    this.clusters.sweep(config);
    this.#routes.sweep(config.routes);
    this.#waitingFor = new Set(outcome.waiting.map(({ secret }) => secret));
    if (this.#state === 'initializing') this.#state = 'live';
    this.#report(outcome);
    return outcome;
  }

  /** In one turn: no exchange sees a route without its cluster. */
  #swap(config: ProxyConfig, prepared: readonly UpstreamCluster[], faults: ApplyFault[]): void {
    this.clusters.commit(config, prepared);
    this.#routes.update(config.routes, config.scopes, faults);
    this.#onDemand?.swapped();
  }

  #report({ faults, warnings, waiting }: ListenerOutcome): void {
    const { log } = this.runtime;
    this.telemetry.applied(faults.length === 0);
    for (const { table, name, message } of faults) log.write('config', 'error', message, { table, name });
    for (const { table, name, message } of warnings) log.write('config', 'warning', message, { table, name });
    for (const { listener, secret } of waiting)
      log.write('config', 'info', 'listener waits for a secret', { listener, secret });
  }

  #admit(): boolean {
    const { maxConnections = 0, sharing } = this.#options;
    const limit = maxConnections > 0 ? maxConnections : Number.POSITIVE_INFINITY;
    if (sharing === undefined ? this.#connections >= limit : !sharing.process.take(ProcessCell.connections, limit))
      return false;
    this.#connections += 1;
    return true;
  }

  #leave(): void {
    this.#connections -= 1;
    this.#options.sharing?.process.give(ProcessCell.connections);
  }
}

const ignore = (): void => undefined;

function neededSecrets(config: ProxyConfig): Set<string> {
  const names = new Set<string>();
  const add = (found: ReadonlySet<string>): void => {
    for (const name of found) names.add(name);
  };
  for (const { transport } of config.clusters.values()) {
    if (transport.kind === 'tls') add(secretNames(transport.certificates, transport.validation));
  }
  for (const { filterChains, defaultFilterChain } of config.listeners.values()) {
    for (const { transport } of defaultFilterChain === undefined
      ? filterChains
      : [...filterChains, defaultFilterChain]) {
      if (transport.kind === 'tls') add(secretNames(transport.certificates, transport.validation));
    }
  }
  return names;
}
