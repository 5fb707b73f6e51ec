/**
 * Configuration by xDS for `weft proxy -c FILE` (bootstrap dynamic_resources): the static rows serve beside what comes, secrets come by ADS or
 * from clusters of their own, streams are kept open. Owns the streams and the fetch time-out, not the engine.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { Cluster, ProxyConfig } from '@weft/core/proxy-config';
import type { Bootstrap } from '@weft/envoy/bootstrap';
import type { ApplyFault, JsonLog, MemorySecrets } from '@weft/proxy/engine';
import { openXdsStream } from './ads/channel.ts';
import { AdsClient, type AdsClientOptions } from './ads/client.ts';
import { adsCodec } from './ads/codec.ts';
import { ConfigCache } from './ads/config-cache.ts';
import type { XdsSecret } from './ads/port.ts';
import { SDS_STREAM, SecretClients } from './ads/sds.ts';
import { sdsNames } from './ads/secret-names.ts';
import { FileRows } from './files/file-rows.ts';
import { XdsSession, type XdsSpeaker } from './ads/session.ts';

const ADS_STREAM = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
const DELTA_ADS_STREAM = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
/** Envoy's default initial_fetch_timeout, ms. */
const FETCH_TIMEOUT = 15_000;

export interface DynamicConfigOptions {
  readonly bootstrap: Bootstrap;
  readonly apply: (config: ProxyConfig) => Promise<{ readonly faults: readonly ApplyFault[] }>;
  readonly secrets: MemorySecrets;
  readonly log: JsonLog;
  readonly clock: MonotonicClock;
  readonly random: () => number;
  /** As AdsClientOptions has them. */
  readonly runtimes?: AdsClientOptions['runtimes'];
  /** Folder for the last good configuration; undefined: it is not kept. */
  readonly cacheFolder: string | undefined;
  /** Everything that was asked for first is at work, or has taken too long. */
  readonly onReady: () => void;
  /** It took too long, and there is no last good configuration either; before `onReady`. */
  readonly onLate?: () => void;
}

export class DynamicConfig {
  readonly #options: DynamicConfigOptions;
  readonly #client: AdsClient;
  readonly #secrets: SecretClients;
  readonly #files: FileRows;
  readonly #session: XdsSession | undefined;
  readonly #cache: ConfigCache | undefined;
  #timer: Timer | undefined;
  #firstFaults: PromiseWithResolvers<readonly ApplyFault[]> = Promise.withResolvers();

  constructor(options: DynamicConfigOptions) {
    this.#options = options;
    const { bootstrap, log } = options;
    const { dynamic, node } = bootstrap;
    const codec = adsCodec(node);
    const refused = (what: string, reason: string): void =>
      log.write('config', 'error', 'refused configuration', { table: what, reason });
    if (options.cacheFolder !== undefined && dynamic.ads !== undefined) {
      const { cluster, delta } = dynamic.ads;
      this.#cache = new ConfigCache({
        folder: options.cacheFolder,
        owner: JSON.stringify([node.id, node.cluster, cluster, delta ? 'delta' : 'state of the world']),
        clock: options.clock,
        onProblem: (message) => log.write('config', 'warning', message),
      });
    }
    this.#secrets = new SecretClients({
      codec,
      onSecret: this.#takeSecret,
      onRefused: (reason) => refused('secrets', reason),
      session: (cluster, speaker) => this.#openSession(cluster, '', SDS_STREAM, speaker),
    });
    this.#files = new FileRows({
      files: dynamic.files,
      onChange: () => this.#client.filesChanged(),
      onFault: (text) => refused('files', text),
      onSecret: this.#takeSecret,
    });
    this.#client = new AdsClient({
      codec,
      files: this.#files,
      delta: dynamic.ads?.delta ?? false,
      base: bootstrap.static,
      asks: { clusters: dynamic.clusters, listeners: dynamic.listeners },
      onSecret: this.#takeSecret,
      ...(options.runtimes === undefined ? {} : { runtimes: options.runtimes }),
      onRefused: refused,
      onReady: options.onReady,
      onWhole: () => this.#cache?.changed(() => this.#client.held()),
      fetch: { timeout: FETCH_TIMEOUT, clock: options.clock },
      later: (delay, run) => void options.clock.after(delay, run),
      apply: async (config) => {
        this.#secrets.update(sdsNames(config));
        const { faults } = await options.apply(config);
        this.#firstFaults.resolve(faults);
        return new Map(faults.map(({ name, message }) => [name, message]));
      },
    });
    if (dynamic.ads !== undefined) {
      const { cluster, authority, delta } = dynamic.ads;
      this.#session = this.#openSession(cluster, authority, delta ? DELTA_ADS_STREAM : ADS_STREAM, this.#client);
    }
  }

  /** Applies the static rows and asks for the rest; resolves with what of the static rows could not be put to work. */
  start(): Promise<readonly ApplyFault[]> {
    const saved = this.#cache?.read();
    if (saved !== undefined) this.#client.restore(saved);
    this.#client.begin();
    this.#session?.start();
    const { fetchTimeout = FETCH_TIMEOUT } = this.#options.bootstrap.dynamic;
    const late = (): void => {
      if (saved === undefined) this.#options.onLate?.();
      this.#client.stopWaiting();
    };
    if (fetchTimeout > 0) this.#timer = this.#options.clock.after(fetchTimeout, late);
    return this.#firstFaults.promise;
  }

  /** Requests want a row that nothing else asks for. */
  demand(table: 'routes' | 'clusters', name: string): void {
    this.#client.demand(table, name);
  }

  stop(): void {
    this.#cache?.flush();
    this.#timer?.cancel();
    this.#session?.stop();
    this.#client.stop();
    this.#secrets.stop();
    this.#files.stop();
  }

  readonly #takeSecret = (name: string, secret: XdsSecret | undefined): void => {
    const { secrets } = this.#options;
    if (secret === undefined) {
      secrets.setCertificate(name, undefined);
      secrets.setTrustRoots(name, undefined);
    } else if (secret.kind === 'certificate') secrets.setCertificate(name, secret);
    else secrets.setTrustRoots(name, secret.roots);
  };

  #openSession(cluster: string, authority: string, path: string, speaker: XdsSpeaker): XdsSession {
    const { bootstrap, clock, random, log } = this.#options;
    return new XdsSession({
      speaker,
      clock,
      random,
      open: (handlers) => openXdsStream(clusterOf(bootstrap, cluster), authority, path, handlers),
      onEnd: (reason, wait) =>
        log.write('config', 'warning', 'the stream to the control plane ended', { cluster, reason, again_in_ms: wait }),
    });
  }
}

function clusterOf({ static: { clusters } }: Bootstrap, name: string): Cluster {
  const cluster = clusters.get(name);
  if (cluster === undefined) throw new Error(`no static cluster ${name}`);
  return cluster;
}
