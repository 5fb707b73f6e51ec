/**
 * A worker: one engine on a thread of its own, told what to do by the thread that coordinates. It must never open a Unix socket unless it is the first, and
 * never resolve, check or eject by itself: it follows.
 */
import type { MessagePort } from 'node:worker_threads';
import { EMPTY_PROXY_CONFIG, type ProxyConfig } from '@weft/core/proxy-config';
import type { ServiceMessages } from '@weft/core/services';
import type { TapRequest } from '@weft/core/tap';
import { reportOf } from '../admin/report.ts';
import {
  Engine,
  type EngineSharing,
  Inheritance,
  JsonLog,
  MemorySecrets,
  PROCESS_CELLS,
  ProcessCell,
} from '../engine/index.ts';
import { snapshot } from '../telemetry/snapshot.ts';
import { systemWallClock } from '../time/index.ts';
import { BREAKER_CELLS, type ClusterNews, type EndpointState, Ledger } from '../upstream/index.ts';
import { received } from './handover.ts';
import { FollowedLimits } from './limits.ts';
import type { FromWorker, ToWorker, WorkerAnswer, WorkerStart } from './messages.ts';

/** How often a worker shows that its event loop turns, ms. */
const BEAT = 500;
/** Beats until it hands over what it counted. */
const COUNTED = 2;

/** What access logs get at the end, ms. */
const LOGS = 100;

/** `messages`: as EngineOptions has them. */
export function serveWorker(port: MessagePort, messages?: () => ServiceMessages): void {
  let worker: Worker | undefined;
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'start') worker = new Worker(port, message, messages);
    else worker?.told(message);
  });
}

type EndpointsOf = Map<string, EndpointState>;

class Worker {
  readonly #port: MessagePort;
  readonly #engine: Engine;
  readonly #log: JsonLog;
  readonly #secrets = new MemorySecrets();
  readonly #ledgers = new Map<string, SharedArrayBuffer>();
  readonly #known = new Map<string, { resolved: ClusterNews['resolved']; endpoints: EndpointsOf }>();
  readonly #beat: NodeJS.Timeout;
  readonly #limits: FollowedLimits;
  readonly #taps = new Map<number, { close(): void }>();
  readonly #inheritance: Inheritance | undefined;
  #config: ProxyConfig = EMPTY_PROXY_CONFIG;

  constructor(port: MessagePort, start: WorkerStart, messages: (() => ServiceMessages) | undefined) {
    this.#port = port;
    this.#log = new JsonLog(systemWallClock, (line) => this.#say({ kind: 'line', line }));
    for (const [component, level] of start.levels) this.#log.setLevel(level, component);
    // What comes of a configuration is told to the coordinating thread, which says it once.
    this.#log.setLevel('off', 'config');
    const { self, node, serviceCluster, maxConnections, drainTime, warmTime, overload, zone } = start;
    this.#limits = new FollowedLimits(start.engine, start.epoch);
    const sharing = this.#sharing(start);
    if (start.inherited.length > 0) this.#inheritance = new Inheritance(start.inherited);
    this.#engine = new Engine({
      secrets: this.#secrets,
      log: this.#log,
      maxConnections,
      sharing,
      ...(messages === undefined ? {} : { messages }),
      serviceCluster,
      ...(this.#inheritance === undefined ? {} : { inheritance: this.#inheritance }),
      ...(node === undefined ? {} : { node }),
      runtimeValues: start.runtimeValues,
      ...(start.onDemand ? { wanted: (row): void => this.#say({ kind: 'wanted', row }) } : {}),
      ...(self === undefined ? {} : { self }),
      ...(overload === undefined ? {} : { overload }),
      ...(zone === undefined ? {} : { zone }),
      ...(drainTime === undefined ? {} : { drainTime }),
      ...(warmTime === undefined ? {} : { warmTime }),
    });
    this.#engine.failHealth(start.failing);
    this.#engine.start();
    let beats = 0;
    this.#beat = setInterval(() => {
      sharing.process.put(ProcessCell.beats, (beats += 1));
      if (beats % COUNTED === 0) this.#sayCounted();
    }, BEAT);
  }

  told(message: Exclude<ToWorker, WorkerStart>): void {
    switch (message.kind) {
      case 'certificate':
        this.#secrets.setCertificate(message.name, message.secret);
        break;
      case 'roots':
        this.#secrets.setTrustRoots(message.name, message.pem);
        break;
      case 'news':
        this.#take(message.news);
        break;
      case 'apply':
        for (const [cluster, buffer] of message.ledgers) this.#ledgers.set(cluster, buffer);
        this.#limits.take(message.config, message.limits);
        this.#config = received(this.#config, message.config);
        for (const known of [this.#ledgers, this.#known])
          for (const cluster of known.keys()) if (!this.#config.clusters.has(cluster)) known.delete(cluster);
        this.#answer(message.id, this.#engine.apply(this.#config));
        break;
      case 'drain':
        this.#answer(message.id, this.#engine.drain(message.timeoutMs, message.direction, message.passedOn));
        break;
      case 'sockets':
        this.#answer(
          message.id,
          this.#engine.handOver((sockets) => Promise.resolve(sockets)),
        );
        break;
      case 'open':
        this.#inheritance?.open();
        break;
      case 'report':
        this.#sayCounted();
        this.#say({
          kind: 'answer',
          id: message.id,
          value: reportOf(this.#engine, snapshot(this.#engine.telemetry.registry)),
        });
        break;
      case 'level':
        this.#log.setLevel(message.level, message.component);
        this.#log.setLevel('off', 'config');
        break;
      case 'tap':
        this.#tap(message.tap, message.request);
        break;
      case 'untap':
        this.#taps.get(message.tap)?.close();
        this.#taps.delete(message.tap);
        break;
      case 'reset-counters':
        this.#engine.telemetry.registry.resetCounters();
        break;
      case 'runtime':
        this.#engine.setRuntime(message.values);
        this.#say({ kind: 'answer', id: message.id, value: 0 });
        break;
      case 'reopen-logs':
        this.#engine.telemetry.accessLogs.reopen();
        break;
      case 'fail-health':
        this.#engine.failHealth(message.failing);
        this.#say({ kind: 'answer', id: message.id, value: 0 });
        break;
      case 'stop':
        clearInterval(this.#beat);
        this.#engine.stop();
        this.#sayCounted();
        this.#port.close();
        setTimeout(() => process.exit(0), LOGS);
        break;
    }
  }

  #tap(tap: number, request: TapRequest): void {
    const watch = this.#engine.telemetry.tap(
      request,
      (record) => this.#say({ kind: 'tapped', tap, record }),
      (count) => this.#say({ kind: 'missed', tap, count }),
    );
    this.#taps.set(tap, watch);
  }

  #sayCounted(): void {
    const amounts = this.#engine.telemetry.traffic.take();
    if (amounts.length > 0) this.#say({ kind: 'counted', amounts });
  }

  #take({ cluster, whole, resolved, endpoints, gone }: ClusterNews): void {
    let known = this.#known.get(cluster);
    if (known === undefined || whole) {
      known = { resolved: undefined, endpoints: new Map() };
      this.#known.set(cluster, known);
    }
    known.resolved = resolved ?? known.resolved;
    for (const key of gone) known.endpoints.delete(key);
    for (const [key, state] of endpoints) known.endpoints.set(key, state);
    this.#engine.clusters.get(cluster)?.followNews();
  }

  #sharing({ engine, engines, process }: WorkerStart): EngineSharing {
    return {
      engine,
      engines,
      process: new Ledger(process, PROCESS_CELLS, engine),
      binding: { reusePort: true, opensPipes: engine === 1 },
      limits: this.#limits,
      upstream: {
        ledger: (cluster) => {
          const buffer = this.#ledgers.get(cluster);
          return buffer === undefined ? undefined : new Ledger(buffer, BREAKER_CELLS, engine);
        },
        follows: {
          resolved: (cluster) => this.#known.get(cluster)?.resolved,
          state: (cluster, key) => this.#known.get(cluster)?.endpoints.get(key),
          detected: (cluster, key, cause) => this.#say({ kind: 'detected', cluster, key, cause }),
          traffic: (cluster) => this.#say({ kind: 'traffic', cluster }),
        },
      },
    };
  }

  #answer(id: number, value: Promise<WorkerAnswer>): void {
    void value.then((answer) => this.#say({ kind: 'answer', id, value: answer }));
  }

  #say(message: FromWorker): void {
    this.#port.postMessage(message);
  }
}
