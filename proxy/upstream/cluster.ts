/**
 * A cluster at run time: its endpoints (told, resolved or taken from the connection), balance, limits, ejection and health checks. A change
 * of the cluster's row makes a new one; a change of its endpoints keeps every endpoint that stays. `start` before use, `retire` after.
 */
import type { Cluster, Endpoint, EndpointSet } from '@weft/core/proxy-config';
import type {
  BreakerPriority,
  ClusterRuntime,
  Counter,
  OverrideHost,
  PickContext,
  PoolLoad,
  RouterEvent,
  TriedPriorities,
} from '../ports.ts';
import { UpstreamTls } from '../transport/index.ts';
import { type ClusterBreaker, ClusterCircuitBreaker } from './circuit-breaker.ts';
import { ClusterStats } from './cluster-stats.ts';
import { type EndpointHealth, endpointKey, type Place, UpstreamEndpoint } from './endpoint.ts';
import { allocateCounts, FollowedMonitor, gather } from './followed-monitor.ts';
import type { HealthChecker } from './health-checker.ts';
import { Leading } from './leading.ts';
import type { Ledger } from './ledger.ts';
import { levelHealth, Levels, type LevelSetting } from './levels.ts';
import { localityKey, NO_PLACE } from './locality-balancer.ts';
import type { NamedHosts } from './named-hosts.ts';
import { healthChecker, namedHosts, originalDestinations, resolving, subsetChoice } from './on-demand.ts';
import type { OriginalDestinations } from './original-destination.ts';
import { type FailedAnswers, failedAnswers } from '../http/answer-matcher.ts';
import { type EjectionCause, OutlierDetector, OutlierMonitor } from './outlier-detector.ts';
import { sumOfLoads } from './preconnect.ts';
import type { LevelHealth } from './priority.ts';
import type { Resolving } from './resolving.ts';
import { SharedCircuitBreaker } from './shared-breaker.ts';
import type { ClusterNews, Following } from './sharing.ts';
import type { UpstreamSetting } from './setting.ts';
import type { Subsets } from './subsets.ts';
import { localityCounts } from './zone-balancer.ts';

export class UpstreamCluster implements ClusterRuntime {
  readonly config: Cluster;
  readonly name: string;
  readonly setting: UpstreamSetting;
  readonly stats: ClusterStats;
  readonly tls: UpstreamTls | undefined;
  readonly breakers: { readonly default: ClusterBreaker; readonly high: ClusterBreaker };
  readonly outliers: OutlierDetector | undefined;
  readonly failed: FailedAnswers | undefined;
  /** Where its limits are counted when the process has several engines. */
  readonly ledger: Ledger | undefined;
  /** An exchange was sent to one of its endpoints; health checks run more often from then on. */
  hadTraffic = false;
  readonly #endpoints = new Map<string, UpstreamEndpoint>();
  /** By the priorities that are left out. */
  readonly #withoutPriorities = new Map<string, Levels | Subsets>();
  readonly #checkers = new Map<UpstreamEndpoint, HealthChecker>();
  readonly #resolving: Resolving | undefined;
  readonly #leading: Leading | undefined;
  readonly #follows: Following | undefined;
  #resolved: EndpointSet | undefined;
  /** Endpoints that exchanges and connections bring along; undefined: they are told or resolved. */
  readonly #originals: OriginalDestinations | NamedHosts | undefined;
  /** Keys of endpoints that are no longer named and whose checks still pass. */
  readonly #lingering = new Set<string>();
  #leavesZone: (() => void) | undefined;
  #overprovisioning = 140;
  #choice: Levels | Subsets | undefined;
  #levelHealth: readonly LevelHealth[] | undefined;

  /** Throws when a SAN matcher does not compile. */
  constructor(config: Cluster, setting: UpstreamSetting) {
    this.config = config;
    this.name = config.name;
    this.setting = setting;
    this.stats = new ClusterStats(setting.registry, config.altStatName === '' ? config.name : config.altStatName);
    this.tls = config.transport.kind === 'tls' ? new UpstreamTls(config.transport, setting.contexts) : undefined;
    const { circuitBreakers, outlierDetection, discovery } = config;
    this.failed = failedAnswers(config);
    const { sharing } = setting;
    this.ledger = sharing?.ledger(config.name);
    this.breakers = breakersOf(circuitBreakers, this.ledger, () => setting.runtime.clock.now());
    const brought = discovery.kind === 'original-dst' || discovery.kind === 'dynamic-forward-proxy';
    this.#follows = brought ? undefined : sharing?.follows;
    const told = outlierDetection !== undefined || config.healthChecks.length > 0 || discovery.kind.endsWith('-dns');
    if (told && sharing?.leads !== undefined) this.#leading = new Leading(config.name, sharing.leads);
    if (outlierDetection !== undefined && this.#follows === undefined) {
      this.outliers = new OutlierDetector(outlierDetection, {
        clock: setting.runtime.clock,
        random: setting.runtime.random,
        changed: (monitor, cause) => this.#ejectionChanged(monitor, cause),
        detected: (cause, outcome) => this.stats.ejection(cause, outcome),
        ...(this.#leading === undefined ? {} : { gather: () => this.#gather() }),
      });
    }
    if ((discovery.kind === 'strict-dns' || discovery.kind === 'logical-dns') && this.#follows === undefined) {
      this.#resolving = new (resolving().Resolving)(discovery, setting, (set) => {
        this.#resolved = set;
        this.#leading?.resolved(set);
        this.setEndpoints(set);
      });
    }
    if (discovery.kind === 'original-dst') this.#originals = new (originalDestinations().OriginalDestinations)(this);
    if (discovery.kind === 'dynamic-forward-proxy')
      this.#originals = new (namedHosts().NamedHosts)(this, discovery.cache);
  }

  get endpoints(): ReadonlyMap<string, UpstreamEndpoint> {
    return this.#endpoints;
  }

  start(): void {
    this.stats.observe(this.breakers);
    const { scope } = this.stats;
    const count = (health: string) => (): number =>
      [...this.#endpoints.values()].filter((endpoint) => endpoint.health === health).length;
    scope.observed('membership_total', 'gauge', () => this.#endpoints.size);
    scope.observed('membership_healthy', 'gauge', count('healthy'));
    scope.observed('membership_degraded', 'gauge', count('degraded'));
    if (this.outliers !== undefined) {
      scope.observed('outlier_detection.ejections_active', 'gauge', () => this.outliers?.ejectedCount ?? 0);
    }
    this.outliers?.start();
    this.#resolving?.start();
    this.#originals?.start();
    this.#leavesZone = this.setting.zone?.follow(() => (this.#choice = undefined));
    const resolved = this.#follows?.resolved(this.name);
    if (resolved !== undefined) this.setEndpoints(resolved);
    if (this.config.discovery.kind === 'static') this.setEndpoints(this.config.discovery.endpoints);
  }

  counter(stat: string): Counter {
    return this.stats.scope.counter(stat);
  }

  membership(): { readonly total: number; readonly available: number } {
    let available = 0;
    for (const { health } of this.#endpoints.values())
      if (health === 'healthy' || health === 'degraded') available += 1;
    return { total: this.#endpoints.size, available };
  }

  /** Takes no new exchange; open ones finish on its endpoints. */
  retire(): void {
    this.#leading?.end();
    this.outliers?.stop();
    this.#resolving?.stop();
    this.#originals?.stop();
    this.#leavesZone?.();
    for (const checker of this.#checkers.values()) checker.stop();
    this.#checkers.clear();
    for (const endpoint of this.#endpoints.values()) endpoint.retire();
  }

  /** Only when not `busy`: its numbers are given back. */
  closeStats(): void {
    this.stats.scope.close();
  }

  /** Something is open on one of its endpoints. */
  get busy(): boolean {
    return (
      this.breakers.default.heldConnections > 0 ||
      this.breakers.high.heldConnections > 0 ||
      [...this.#endpoints.values()].some((endpoint) => endpoint.activeRequests > 0)
    );
  }

  /** It can be put to work: names are resolved, every endpoint was checked once. */
  get ready(): boolean {
    if (!this.config.waitForWarm) return true;
    if (this.#resolving?.answered === false) return false;
    for (const checker of this.#checkers.values()) if (!checker.checked) return false;
    return true;
  }

  breaker(priority: BreakerPriority): ClusterBreaker {
    return priority === 'high' ? this.breakers.high : this.breakers.default;
  }

  count(event: RouterEvent): void {
    this.stats.scope.counter(event).add(1);
  }

  pick(context: PickContext): UpstreamEndpoint | undefined {
    const { overrideHost } = context;
    if (overrideHost !== undefined && !context.avoidTried) {
      const stated = this.#stated(overrideHost);
      if (stated !== undefined) return stated;
      if (overrideHost.strict) return undefined;
    }
    if (context.triedPriorities !== undefined && context.avoidTried) {
      const elsewhere = this.#elsewhere(context, context.triedPriorities);
      if (elsewhere !== undefined) return elsewhere;
    }
    const picked =
      this.#originals === undefined ? (this.#choice ??= this.#build()).pick(context) : this.#originals.pick(context);
    if (picked === undefined) this.stats.noneHealthy();
    else picked.monitor?.chosen();
    return picked;
  }

  /** The endpoint of a session, if it is in a state that sessions may go to. */
  #stated(wanted: OverrideHost): UpstreamEndpoint | undefined {
    const { address } = wanted;
    const endpoint = this.#endpoints.get(`plain ${address}`) ?? this.#endpoints.get(`tls ${address}`);
    wanted.known = endpoint !== undefined;
    return endpoint !== undefined && this.config.overrideHostStatuses.includes(endpoint.status) ? endpoint : undefined;
  }

  /** In another priority than those that were tried; undefined: as ever. */
  #elsewhere(context: PickContext, tried: TriedPriorities): UpstreamEndpoint | undefined {
    const { avoided } = tried;
    if (avoided.length === 0) return undefined;
    const key = avoided.join();
    let choice = this.#withoutPriorities.get(key);
    if (choice === undefined) {
      choice = this.#build([...this.#endpoints.values()].filter(({ priority }) => !avoided.includes(priority)));
      this.#withoutPriorities.set(key, choice);
    }
    const picked = choice.pick(context);
    if (picked === undefined) tried.forget();
    return picked;
  }

  /** The endpoint that will be picked next, for connections ahead of time; undefined: the policy does not tell. */
  ahead(): UpstreamEndpoint | undefined {
    const choice = this.#choice;
    return choice instanceof Levels ? choice.ahead() : undefined;
  }

  get load(): PoolLoad {
    return sumOfLoads([...this.#endpoints.values()].flatMap(({ pool }) => pool ?? []));
  }

  get levelHealth(): readonly LevelHealth[] {
    return (this.#levelHealth ??= levelHealth(this.#endpoints.values()));
  }

  get overprovisioning(): number {
    return this.#overprovisioning;
  }

  /** Membership, health or weights changed. */
  touch(): void {
    this.#choice = undefined;
    if (this.#withoutPriorities.size > 0) this.#withoutPriorities.clear();
    this.#levelHealth = undefined;
    if (this.setting.zone?.clusterName === this.name)
      this.setting.zone.changed(() => localityCounts(this.#endpoints.values()));
  }

  /** Endpoints that stay keep their state; the others retire. */
  setEndpoints(set: EndpointSet): void {
    this.#overprovisioning = set.overprovisioningFactor;
    const gone = new Set(this.#endpoints.keys());
    const known = gone.size;
    for (const locality of set.localities) {
      const place = { key: localityKey(locality.locality), weight: locality.weight };
      for (const endpoint of locality.endpoints) {
        gone.delete(this.addEndpoint(endpoint, locality.priority, place));
      }
    }
    const changed = gone.size > 0 || this.#endpoints.size !== known;
    this.#lingering.clear();
    for (const key of gone) {
      if (this.#lingers(key)) this.#lingering.add(key);
      else this.removeEndpoint(key);
    }
    if (changed && this.config.closeConnectionsOnChange)
      for (const endpoint of this.#endpoints.values()) endpoint.pool?.drain();
    this.touch();
  }

  /** Returns the endpoint's key. */
  addEndpoint(endpoint: Endpoint, priority: number, place: Place = NO_PLACE): string {
    const secure =
      this.tls !== undefined && !(this.config.plaintextByEndpoint && endpoint.workload?.transport === 'plaintext');
    const key = endpointKey(secure, endpoint);
    const known = this.#endpoints.get(key);
    if (known !== undefined) {
      // In the order of the latest set, so that what is built over endpoints does not depend on their history.
      this.#endpoints.delete(key);
      this.#endpoints.set(key, known);
      const before = known.health;
      known.endpoint = endpoint;
      known.priority = priority;
      known.place = place;
      this.#healthMoved(known, before);
      return key;
    }
    const made = new UpstreamEndpoint(this, endpoint, priority, place, secure);
    this.#endpoints.set(key, made);
    if (this.#follows !== undefined) {
      this.#follow(key, made, this.#follows);
      return key;
    }
    made.monitor = this.outliers?.add();
    if (made.monitor !== undefined && this.#leading !== undefined) made.counts = allocateCounts();
    this.#leading?.told(key, made);
    if (this.config.healthChecks.length > 0 && endpoint.healthCheck?.disabled !== true) {
      made.checkedHealthy = false;
      made.unchecked = true;
      const checker = new (healthChecker().HealthChecker)(made, this.config.healthChecks);
      this.#checkers.set(made, checker);
      checker.start();
    }
    return key;
  }

  removeEndpoint(key: string): void {
    const endpoint = this.#endpoints.get(key);
    if (endpoint === undefined) return;
    this.#endpoints.delete(key);
    this.#checkers.get(endpoint)?.stop();
    this.#checkers.delete(endpoint);
    if (endpoint.monitor !== undefined) this.outliers?.remove(endpoint.monitor);
    this.#leading?.gone(key);
    endpoint.retire();
  }

  /** At work from now on: those that follow are told everything. */
  lead(): void {
    if (this.#resolved !== undefined) this.#leading?.resolved(this.#resolved);
    this.#leading?.begin(this.#endpoints);
  }

  /** Everything there is to tell, to one that has just begun to follow. */
  tellAll(tell: (news: ClusterNews) => void): void {
    this.#leading?.tellAll(this.#endpoints, this.#resolved, tell);
  }

  /** Those that follow must know of new endpoints before they get them. */
  flushNews(): void {
    this.#leading?.flush();
  }

  /** What the engine that leads knows of this cluster's endpoints changed. */
  followNews(): void {
    if (this.#follows === undefined) return;
    const resolved = this.#follows.resolved(this.name);
    if (resolved !== undefined && resolved !== this.#resolved) this.setEndpoints(resolved);
    this.#resolved = resolved;
    for (const [key, endpoint] of this.#endpoints) {
      const before = endpoint.health;
      const checked = endpoint.checkedHealthy;
      this.#follow(key, endpoint, this.#follows);
      if (checked && !endpoint.checkedHealthy) this.becameUnhealthy(endpoint);
      if (before !== endpoint.health) this.touch();
    }
  }

  detectedElsewhere(key: string, cause: EjectionCause): void {
    const monitor = this.#endpoints.get(key)?.monitor;
    if (monitor instanceof OutlierMonitor) this.outliers?.detectedElsewhere(monitor, cause);
  }

  firstTraffic(): void {
    this.hadTraffic = true;
    this.#follows?.traffic(this.name);
  }

  #follow(key: string, endpoint: UpstreamEndpoint, follows: Following): void {
    const { healthChecks, outlierDetection } = this.config;
    const state = follows.state(this.name, key);
    endpoint.checkedHealthy = state?.healthy ?? healthChecks.length === 0;
    if (outlierDetection === undefined || state?.cells === undefined) return;
    if (!(endpoint.monitor instanceof FollowedMonitor) || endpoint.counts !== state.cells) {
      endpoint.counts = state.cells;
      endpoint.monitor = new FollowedMonitor(outlierDetection, state.cells, (cause) =>
        follows.detected(this.name, key, cause),
      );
    }
    if (endpoint.monitor instanceof FollowedMonitor) endpoint.monitor.ejected = state.ejected;
  }

  /** Told by a check of this engine. */
  healthChanged(endpoint: UpstreamEndpoint): void {
    if (!endpoint.checkedHealthy) this.becameUnhealthy(endpoint);
    if (this.#endpoints.has(endpoint.key)) this.#leading?.told(endpoint.key, endpoint);
    this.touch();
  }

  /** All active checks of the endpoint pass, as the last one found. */
  checkPassed({ monitor }: UpstreamEndpoint): void {
    if (monitor !== undefined) this.outliers?.checkPassed(monitor);
  }

  #ejectionChanged(monitor: OutlierMonitor, cause: EjectionCause | undefined): void {
    this.touch();
    if (this.#leading === undefined) return;
    for (const [key, endpoint] of this.#endpoints) {
      if (endpoint.monitor !== monitor) continue;
      if (cause === undefined && !monitor.out) this.#leading.returned(endpoint);
      this.#leading.told(key, endpoint);
    }
  }

  #gather(): void {
    for (const { monitor, counts } of this.#endpoints.values())
      if (counts !== undefined && monitor instanceof OutlierMonitor) gather(counts, monitor);
  }

  /** Envoy keeps an endpoint that its active checks find healthy until they do not, unless ignore_health_on_host_removal is set. */
  #lingers(key: string): boolean {
    const { healthChecks, ignoreHealthOnHostRemoval } = this.config;
    return healthChecks.length > 0 && !ignoreHealthOnHostRemoval && this.#endpoints.get(key)?.checkedHealthy === true;
  }

  becameUnhealthy(endpoint: UpstreamEndpoint): void {
    for (const key of this.#lingering) {
      if (this.#endpoints.get(key) !== endpoint) continue;
      this.#lingering.delete(key);
      this.removeEndpoint(key);
      this.touch();
    }
    if (this.config.closeConnectionsOnHostHealthFailure) endpoint.pool?.drain();
  }

  #healthMoved(endpoint: UpstreamEndpoint, before: EndpointHealth): void {
    if (before !== 'unhealthy' && endpoint.health === 'unhealthy') this.becameUnhealthy(endpoint);
  }

  #build(all: readonly UpstreamEndpoint[] = [...this.#endpoints.values()]): Levels | Subsets {
    const { runtime, zone } = this.setting;
    const { scope } = this.stats;
    const setting: LevelSetting = {
      config: this.config,
      overprovisioning: this.#overprovisioning,
      zone,
      random: runtime.random,
      now: () => runtime.clock.now(),
      active: () => this.stats.activeRequests,
      gauge: (stat, value) => scope.gauge(stat).set(value),
      count: (stat) => scope.counter(stat).add(1),
    };
    const levels = (endpoints: Iterable<UpstreamEndpoint>): Levels => new Levels(endpoints, setting);
    const { subsets } = this.config;
    return subsets === undefined
      ? levels(all)
      : new (subsetChoice().Subsets)(subsets, all, levels, this.stats.subsets());
  }
}

function breakersOf(
  { default: normal, high }: Cluster['circuitBreakers'],
  ledger: Ledger | undefined,
  now: () => number,
): UpstreamCluster['breakers'] {
  if (ledger === undefined)
    return { default: new ClusterCircuitBreaker(normal, now), high: new ClusterCircuitBreaker(high, now) };
  return {
    default: new SharedCircuitBreaker(normal, ledger, 'default', now),
    high: new SharedCircuitBreaker(high, ledger, 'high', now),
  };
}
