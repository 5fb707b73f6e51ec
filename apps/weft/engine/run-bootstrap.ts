/** Our engine on an Envoy bootstrap: `weft proxy -c FILE`, as `envoy -c FILE` would run it. */
import type { TextSource } from '@weft/core/proxy-config';
import type { Bootstrap, StatedSecret } from '@weft/envoy/bootstrap';
import { type ApplyFault, JsonLog, MemorySecrets, readTextSource } from '@weft/proxy/engine';
import { systemMonotonicClock, systemWallClock } from '../clocks.ts';
import { CommandError } from '../errors.ts';
import { sdsNames } from './ads/secret-names.ts';
import { serveAdmin } from './admin.ts';
import { proxyEngine, type ProxyEngine, type ProxyEngineOptions } from './proxy-engine.ts';
import { releaseStartMemory } from './release-start-memory.ts';

export interface RunningEngine {
  readonly engine: ProxyEngine;
  stop(): Promise<void>;
}

interface Parts {
  readonly bootstrap: Bootstrap;
  readonly engine: ProxyEngine;
  readonly secrets: MemorySecrets;
  readonly log: JsonLog;
  /** Where the last good configuration by xDS is kept; undefined: nowhere. */
  readonly cacheFolder: string | undefined;
}

/** Where the configuration comes from, once it has been put to work for the first time. */
interface Configured {
  readonly faults: readonly ApplyFault[];
  /** Everything that was asked for first is there. */
  readonly ready: () => boolean;
  readonly stop: () => void;
}

/** Starts the engine; resolves when its static listeners are open. Throws CommandError with every fault when they cannot be. */
export async function runBootstrap(
  bootstrap: Bootstrap,
  { concurrency, cacheFolder }: { readonly concurrency: number; readonly cacheFolder?: string | undefined },
): Promise<RunningEngine> {
  const secrets = new MemorySecrets();
  for (const secret of bootstrap.secrets) holdSecret(secret, secrets);
  const line = (text: string): void => void process.stderr.write(`${text}\n`);
  const log = new JsonLog(systemWallClock, line, 'warning');
  const options: ProxyEngineOptions = {
    concurrency,
    secrets,
    log,
    line,
    serviceCluster: bootstrap.node.cluster,
    maxConnections: bootstrap.maxDownstreamConnections ?? 0,
    ...(bootstrap.localCluster === ''
      ? {}
      : { zone: { clusterName: bootstrap.localCluster, locality: bootstrap.node.locality } }),
    ...(bootstrap.overload === undefined ? {} : { overload: bootstrap.overload }),
  };
  const engine = await proxyEngine(options);
  engine.start();
  const parts = { bootstrap, engine, secrets, log, cacheFolder };
  const configured = await (isDynamic(bootstrap) ? configureByXds(parts) : configureByFile(parts));
  const stop = (): Promise<void> => {
    configured.stop();
    return engine.stop();
  };
  if (configured.faults.length > 0) {
    await stop();
    throw refusal(configured.faults);
  }
  let stopAdmin: () => void;
  try {
    stopAdmin = await admin(parts, configured.ready);
  } catch (error) {
    await stop();
    throw error;
  }
  releaseStartMemory();
  return {
    engine,
    stop() {
      stopAdmin();
      return stop();
    },
  };
}

/** Whether the bootstrap asks for anything by xDS: resources, or secrets from a cluster of their own. */
const isDynamic = ({ dynamic, static: rows }: Bootstrap): boolean =>
  dynamic.ads !== undefined || sdsNames(rows).size > 0;

async function configureByFile({ bootstrap, engine }: Parts): Promise<Configured> {
  const { faults } = await engine.apply(bootstrap.static);
  return { faults, ready: () => true, stop: () => undefined };
}

async function configureByXds({ bootstrap, engine, secrets, log, cacheFolder }: Parts): Promise<Configured> {
  const { DynamicConfig } = await import('./dynamic-config.ts');
  let ready = false;
  const dynamic = new DynamicConfig({
    bootstrap,
    apply: (config) => engine.apply(config),
    secrets,
    log,
    cacheFolder,
    clock: systemMonotonicClock,
    random: Math.random,
    onReady: () => {
      ready = true;
    },
  });
  return { faults: await dynamic.start(), ready: () => ready, stop: () => dynamic.stop() };
}

function admin({ bootstrap, engine, log }: Parts, ready: () => boolean): Promise<() => void> {
  if (bootstrap.admin === undefined) return Promise.resolve(() => undefined);
  const { subject } = engine;
  return serveAdmin({
    subject,
    isReady: ready,
    address: bootstrap.admin.address,
    node: bootstrap.node,
    log,
    staticRows: bootstrap.static,
    quit: () => void process.kill(process.pid, 'SIGTERM'),
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
