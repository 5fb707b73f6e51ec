/**
 * A cluster at run time: its endpoints (told, resolved or taken from the connection), balance, limits, ejection and health checks. A change
 * of the cluster's row makes a new one; a change of its endpoints keeps every endpoint that stays. `start` before use, `retire` after.
 */
import type { Cluster, Endpoint, EndpointSet } from '@weft/core/proxy-config';
import type { BreakerPriority, ClusterRuntime, PickContext } from '../ports.ts';
import { UpstreamTls } from '../transport/index.ts';
import { ClusterCircuitBreaker } from './circuit-breaker.ts';
import { ClusterStats } from './cluster-stats.ts';
import { addressText, type EndpointHealth, type Place, UpstreamEndpoint } from './endpoint.ts';
import { HealthChecker } from './health-checker.ts';
import { Levels } from './levels.ts';
import { NO_PLACE } from './locality-balancer.ts';
import { OriginalDestinations } from './original-destination.ts';
import { OutlierDetector } from './outlier-detector.ts';
import { Resolving } from './resolving.ts';
import type { UpstreamSetting } from './setting.ts';
import { Subsets } from './subsets.ts';

export class UpstreamCluster implements ClusterRuntime {
  readonly config: Cluster;
  readonly name: string;
  readonly setting: UpstreamSetting;
  readonly stats: ClusterStats;
  readonly tls: UpstreamTls | undefined;
  readonly breakers: { readonly default: ClusterCircuitBreaker; readonly high: ClusterCircuitBreaker };
  readonly outliers: OutlierDetector | undefined;
  /** An exchange was sent to one of its endpoints; health checks run more often from then on. */
  hadTraffic = false;
  readonly #endpoints = new Map<string, UpstreamEndpoint>();
  readonly #checkers = new Map<UpstreamEndpoint, HealthChecker>();
  readonly #resolving: Resolving | undefined;
  readonly #originals: OriginalDestinations | undefined;
  /** Keys of endpoints that are no longer named and whose checks still pass. */
  readonly #lingering = new Set<string>();
  #overprovisioning = 140;
  #choice: Levels | Subsets | undefined;

  /** Throws when a SAN matcher does not compile. */
  constructor(config: Cluster, setting: UpstreamSetting) {
    this.config = config;
    this.name = config.name;
    this.setting = setting;
    this.stats = new ClusterStats(setting.registry, config.altStatName === '' ? config.name : config.altStatName);
    this.tls = config.transport.kind === 'tls' ? new UpstreamTls(config.transport, setting.contexts) : undefined;
    const { circuitBreakers, outlierDetection, discovery } = config;
    this.breakers = {
      default: new ClusterCircuitBreaker(circuitBreakers.default),
      high: new ClusterCircuitBreaker(circuitBreakers.high),
    };
    if (outlierDetection !== undefined) {
      this.outliers = new OutlierDetector(outlierDetection, {
        clock: setting.runtime.clock,
        random: setting.runtime.random,
        changed: () => this.touch(),
        detected: (cause, enforced) => this.stats.ejection(cause, enforced),
      });
    }
    if (discovery.kind === 'strict-dns' || discovery.kind === 'logical-dns') {
      this.#resolving = new Resolving(discovery, setting, (set) => this.setEndpoints(set));
    }
    if (discovery.kind === 'original-dst') this.#originals = new OriginalDestinations(this);
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
    if (this.config.discovery.kind === 'static') this.setEndpoints(this.config.discovery.endpoints);
  }

  /** Takes no new exchange; open ones finish on its endpoints. */
  retire(): void {
    this.outliers?.stop();
    this.#resolving?.stop();
    this.#originals?.stop();
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
      this.breakers.default.connections > 0 ||
      this.breakers.high.connections > 0 ||
      [...this.#endpoints.values()].some((endpoint) => endpoint.activeRequests > 0)
    );
  }

  /** It can be put to work: names are resolved, every endpoint was checked once. */
  get ready(): boolean {
    if (this.#resolving?.answered === false) return false;
    for (const checker of this.#checkers.values()) if (!checker.checked) return false;
    return true;
  }

  breaker(priority: BreakerPriority): ClusterCircuitBreaker {
    return priority === 'high' ? this.breakers.high : this.breakers.default;
  }

  pick(context: PickContext): UpstreamEndpoint | undefined {
    const picked =
      this.#originals === undefined ? (this.#choice ??= this.#build()).pick(context) : this.#originals.pick(context);
    if (picked === undefined) this.stats.noneHealthy();
    return picked;
  }

  /** Membership, health or weights changed. */
  touch(): void {
    this.#choice = undefined;
  }

  /** Endpoints that stay keep their state; the others retire. */
  setEndpoints(set: EndpointSet): void {
    this.#overprovisioning = set.overprovisioningFactor;
    const gone = new Set(this.#endpoints.keys());
    for (const locality of set.localities) {
      const { region, zone, subZone } = locality.locality;
      const place = { key: `${region}/${zone}/${subZone}`, weight: locality.weight };
      for (const endpoint of locality.endpoints) {
        gone.delete(this.addEndpoint(endpoint, locality.priority, place));
      }
    }
    this.#lingering.clear();
    for (const key of gone) {
      if (this.#lingers(key)) this.#lingering.add(key);
      else this.removeEndpoint(key);
    }
    this.touch();
  }

  /** Returns the endpoint's key. */
  addEndpoint(endpoint: Endpoint, priority: number, place: Place = NO_PLACE): string {
    const secure =
      this.tls !== undefined && !(this.config.plaintextByEndpoint && endpoint.workload?.transport === 'plaintext');
    const key = `${secure ? 'tls' : 'plain'} ${addressText(endpoint)}`;
    const known = this.#endpoints.get(key);
    if (known !== undefined) {
      const before = known.health;
      known.endpoint = endpoint;
      known.priority = priority;
      known.place = place;
      this.#healthMoved(known, before);
      return key;
    }
    const made = new UpstreamEndpoint(this, endpoint, priority, place, secure);
    made.monitor = this.outliers?.add();
    this.#endpoints.set(key, made);
    if (this.config.healthChecks.length > 0) {
      made.checkedHealthy = false;
      const checker = new HealthChecker(made, this.config.healthChecks);
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
    endpoint.retire();
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

  #build(): Levels | Subsets {
    const { random, clock } = this.setting.runtime;
    const setting = { random, now: () => clock.now() };
    const levels = (endpoints: Iterable<UpstreamEndpoint>): Levels =>
      new Levels(endpoints, this.config, this.#overprovisioning, setting);
    const all = [...this.#endpoints.values()];
    const { subsets } = this.config;
    return subsets === undefined ? levels(all) : new Subsets(subsets, all, levels, this.stats.subsets());
  }
}
