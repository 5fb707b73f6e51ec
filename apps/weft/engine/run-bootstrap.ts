/** Our engine on an Envoy bootstrap: `weft proxy -c FILE`, as `envoy -c FILE` would run it. */
import type { RuntimeValues, TextSource } from '@weft/core/proxy-config';
import type { Bootstrap, StatedSecret } from '@weft/envoy/bootstrap';
import type { AdminServer, AdminSubject } from '@weft/proxy/admin';
import {
  type ApplyFault,
  JsonLog,
  MemorySecrets,
  type PassedSocket,
  readTextSource,
  type WantedRow,
} from '@weft/proxy/engine';
import { systemMonotonicClock, systemWallClock } from '../clocks.ts';
import { CommandError } from '../errors.ts';
import { sdsNames } from './ads/secret-names.ts';
import { namesFiles } from './ads/named-files.ts';
import { serveAdmin } from './admin.ts';
import type { Predecessor } from './hot-restart/predecessor.ts';
import { limitedListeners } from './listener-limits.ts';
import { proxyEngine, type ProxyEngine, type ProxyEngineOptions } from './proxy-engine.ts';
import { RuntimeLayers } from './runtime/layers.ts';
import { releaseStartMemory } from './release-start-memory.ts';

export interface RunOptions {
  readonly concurrency: number;
  /** Where the last good configuration by xDS is kept; undefined: nowhere. */
  readonly cacheFolder?: string | undefined;
  /** ms that connections of removed listeners get. */
  readonly drainTime?: number;
  /** The process that this one is to take over from. */
  readonly predecessor?: Predecessor | undefined;
}

export interface RunningEngine {
  readonly log: JsonLog;
  /** The engine, with what the processes before it counted. */
  readonly subject: AdminSubject;
  /** Runs `use` on every listening socket, the admin port's included, while no configuration changes. */
  handOver<Outcome>(use: (sockets: readonly PassedSocket[]) => Promise<Outcome>): Promise<Outcome>;
  /** `passedOn`: another process accepts on the admin port. */
  stopAdmin(passedOn: boolean): void;
  stop(): Promise<void>;
}

interface Parts {
  readonly bootstrap: Bootstrap;
  readonly engine: ProxyEngine;
  readonly subject: AdminSubject;
  readonly predecessor: Predecessor | undefined;
  readonly secrets: MemorySecrets;
  readonly log: JsonLog;
  readonly cacheFolder: string | undefined;
  readonly runtime: RuntimeLayers;
}

/** Where the configuration comes from, once it has been put to work for the first time. */
interface Configured {
  readonly faults: readonly ApplyFault[];
  /** Everything that was asked for first is there. */
  readonly ready: () => boolean;
  /** Rejects when that takes too long. */
  readonly whenReady: Promise<void>;
  readonly stop: () => void;
  /** Brings rows that requests want. */
  readonly demand: (row: WantedRow) => void;
}

/**
 * Starts the engine; resolves when its static listeners are open, and with a predecessor when everything is there and accepts. Throws CommandError with
 * every fault when they cannot be.
 */
export async function runBootstrap(bootstrap: Bootstrap, options: RunOptions): Promise<RunningEngine> {
  const { concurrency, cacheFolder, drainTime, predecessor } = options;
  const secrets = new MemorySecrets();
  for (const secret of bootstrap.secrets) holdSecret(secret, secrets);
  const line = (text: string): void => void process.stderr.write(`${text}\n`);
  const log = new JsonLog(systemWallClock, line, 'warning');
  const wishes = new Wishes();
  let setRuntime: (values: RuntimeValues) => void | Promise<void> = () => undefined;
  const runtime = new RuntimeLayers({
    layers: bootstrap.runtimeLayers,
    serviceCluster: bootstrap.node.cluster,
    onChange: (values) => setRuntime(values),
    onFault: (message) => log.write('config', 'warning', message),
  });
  const engineOptions: ProxyEngineOptions = {
    concurrency,
    secrets,
    log,
    line,
    serviceCluster: bootstrap.node.cluster,
    node: bootstrap.node,
    maxConnections: bootstrap.maxDownstreamConnections ?? 0,
    runtimeValues: runtime.values,
    ...(bootstrap.localCluster === ''
      ? {}
      : { zone: { clusterName: bootstrap.localCluster, locality: bootstrap.node.locality } }),
    ...(bootstrap.dynamic.ads === undefined ? {} : { wanted: (row: WantedRow): void => wishes.wish(row) }),
    ...(drainTime === undefined ? {} : { drainTime }),
    ...(bootstrap.overload === undefined ? {} : { overload: bootstrap.overload }),
    ...(predecessor === undefined
      ? {}
      : { inherited: predecessor.sockets, inheritance: predecessor.inheritance, epoch: predecessor.epoch }),
  };
  const engine = await proxyEngine(engineOptions);
  setRuntime = (values) => engine.setRuntime(values);
  engine.start();
  const subject =
    predecessor === undefined
      ? engine.subject
      : (await import('./hot-restart/carried-on.ts')).carriedOn(engine.subject, predecessor);
  const parts = { bootstrap, engine, subject, predecessor, secrets, log, cacheFolder, runtime };
  const configured = await (isDynamic(bootstrap) ? configureByXds(parts) : configureByFile(parts));
  wishes.serve(configured.demand);
  const stop = (): Promise<void> => {
    configured.stop();
    runtime.stop();
    return engine.stop();
  };
  let server: AdminServer | undefined;
  try {
    if (configured.faults.length > 0) throw refusal(configured.faults);
    server = await admin(parts, configured.ready);
    if (predecessor !== undefined) {
      await configured.whenReady;
      engine.open();
      predecessor.inheritance.open();
      predecessor.ready();
    }
  } catch (error) {
    server?.stop();
    await stop();
    throw error;
  }
  releaseStartMemory();
  return {
    log,
    subject,
    handOver: (use) => engine.handOver((sockets) => use([...sockets, ...(server?.passable() ?? [])])),
    stopAdmin: (passedOn) => server?.stop(passedOn),
    stop() {
      server?.stop();
      return stop();
    },
  };
}

/** Rows that requests want, also before there is anybody to ask. */
class Wishes {
  readonly #early: WantedRow[] = [];
  #demand: ((row: WantedRow) => void) | undefined;

  wish(row: WantedRow): void {
    if (this.#demand === undefined) this.#early.push(row);
    else this.#demand(row);
  }

  serve(demand: (row: WantedRow) => void): void {
    this.#demand = demand;
    for (const row of this.#early.splice(0)) demand(row);
  }
}

/** Whether the bootstrap asks for anything by xDS or from files: resources, or secrets from a cluster of their own. */
const isDynamic = ({ dynamic, static: rows }: Bootstrap): boolean =>
  dynamic.ads !== undefined || sdsNames(rows).size > 0 || Object.keys(dynamic.files).length > 0 || namesFiles(rows);

async function configureByFile({ bootstrap, engine }: Parts): Promise<Configured> {
  const { faults } = await engine.apply(limitedListeners(bootstrap.listenerLimits)(bootstrap.static));
  return { faults, ready: () => true, whenReady: Promise.resolve(), stop: () => undefined, demand: () => undefined };
}

async function configureByXds({ bootstrap, engine, secrets, log, cacheFolder, runtime }: Parts): Promise<Configured> {
  const { DynamicConfig } = await import('./dynamic-config.ts');
  let ready = false;
  const { promise: whenReady, resolve, reject } = Promise.withResolvers<void>();
  // Only a process that is to take over waits for it.
  whenReady.catch(() => undefined);
  const limited = limitedListeners(bootstrap.listenerLimits);
  const dynamic = new DynamicConfig({
    bootstrap,
    apply: (config) => engine.apply(limited(config)),
    secrets,
    log,
    cacheFolder,
    runtimes: runtime.fromAds,
    clock: systemMonotonicClock,
    random: Math.random,
    onReady: () => {
      ready = true;
      resolve();
    },
    onLate: () => reject(new CommandError('no configuration came from the control plane in time to take over.')),
  });
  return {
    faults: await dynamic.start(),
    ready: () => ready,
    whenReady,
    stop: () => dynamic.stop(),
    demand: ({ table, name }) => dynamic.demand(table, name),
  };
}

function admin(
  { bootstrap, subject, log, predecessor, runtime }: Parts,
  ready: () => boolean,
): Promise<AdminServer | undefined> {
  if (bootstrap.admin === undefined) return Promise.resolve(undefined);
  return serveAdmin({
    subject,
    isReady: ready,
    address: bootstrap.admin.address,
    allowPaths: bootstrap.admin.allowPaths,
    node: bootstrap.node,
    log,
    staticRows: bootstrap.static,
    runtimeLayers: runtime,
    ...(bootstrap.stats.tags.length === 0 && bootstrap.stats.useDefaultTags ? {} : { statsTags: bootstrap.stats }),
    quit: () => void process.kill(process.pid, 'SIGTERM'),
    inheritance: predecessor?.inheritance,
  });
}

function refusal(faults: readonly ApplyFault[]): CommandError {
  const lines = faults.map(({ table, name, message }) =>
    message.includes(name) ? message : `${table} ${name}: ${message}`,
  );
  return new CommandError(lines.join('\n'), 'Correct the bootstrap, or end what uses the addresses it names.');
}

/** Secrets of the bootstrap itself, read once. Throws CommandError with what cannot be read. */
function holdSecret(secret: StatedSecret, secrets: MemorySecrets): void {
  if (secret.kind === 'trust') {
    secrets.setTrustRoots(secret.name, textOf(secret.roots, secret.name));
    return;
  }
  const certificateChain = textOf(secret.certificateChain, secret.name);
  secrets.setCertificate(secret.name, { certificateChain, privateKey: textOf(secret.privateKey, secret.name) });
}

function textOf(source: TextSource, name: string): string {
  const read = readTextSource(source);
  if ('text' in read) return read.text;
  throw new CommandError(`secret ${name}: ${read.fault}`);
}
