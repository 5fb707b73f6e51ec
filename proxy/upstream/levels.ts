/**
 * The pick: a cluster's endpoints by priority level and health, with one balancer a list. Built anew when membership, health or weights
 * changed, at the next pick.
 */
import type { Cluster } from '@weft/core/proxy-config';
import type { PickContext } from '../ports.ts';
import { balancer, type Balancer, type BalancerSetting, isHashBalancing, sharesOf } from './balance/index.ts';
import type { UpstreamEndpoint } from './endpoint.ts';
import { type Hash64, modulo, randomHash } from './hash/hash64.ts';
import { localityBalancer, localityShares } from './locality-balancer.ts';
import type { LocalZone } from './local-zone.ts';
import { hashing } from './on-demand.ts';
import { type LevelHealth, priorityShares } from './priority.ts';
import { zoneBalancer } from './zone-balancer.ts';

interface Choice {
  /** Upper bound of this choice in [0, 100). */
  readonly until: number;
  /** All endpoints of the level are used, whatever their health. */
  readonly panic: boolean;
  readonly endpoints: readonly UpstreamEndpoint[];
  readonly balancer: Balancer<UpstreamEndpoint>;
}

/** A bound on what is chosen ahead; exchanges use it up. */
const MOST_AHEAD = 100;

/** Another draw for an endpoint that was not tried, before looking through the list. */
const DRAWS = 3;

/** By priority, the highest first. */
function levelsOf(endpoints: Iterable<UpstreamEndpoint>): UpstreamEndpoint[][] {
  const byPriority = new Map<number, UpstreamEndpoint[]>();
  for (const endpoint of endpoints) {
    const list = byPriority.get(endpoint.priority);
    if (list === undefined) byPriority.set(endpoint.priority, [endpoint]);
    else list.push(endpoint);
  }
  return [...byPriority].sort(([a], [b]) => a - b).map(([, list]) => list);
}

const of = (list: readonly UpstreamEndpoint[], health: string): UpstreamEndpoint[] =>
  list.filter((endpoint) => endpoint.health === health);

const healthOf = (list: readonly UpstreamEndpoint[]): LevelHealth => ({
  healthy: of(list, 'healthy').length,
  degraded: of(list, 'degraded').length,
  total: list.reduce((count, endpoint) => count + (endpoint.excluded ? 0 : 1), 0),
});

export const levelHealth = (endpoints: Iterable<UpstreamEndpoint>): LevelHealth[] => levelsOf(endpoints).map(healthOf);

/** What balancing needs of its cluster beside the endpoints. */
export interface LevelSetting extends BalancerSetting {
  readonly config: Cluster;
  /** Percent. */
  readonly overprovisioning: number;
  /** Where this proxy is; undefined: its bootstrap names no local cluster. */
  readonly zone: LocalZone | undefined;
  /** Adds one to a counter of the cluster, by Envoy's name. */
  readonly count: (stat: string) => void;
}

export class Levels {
  readonly #choices: readonly Choice[];
  readonly #setting: LevelSetting;
  readonly #byHash: boolean;
  /** Endpoints that were chosen ahead of the exchanges they are for. */
  readonly #ahead: UpstreamEndpoint[] = [];

  constructor(endpoints: Iterable<UpstreamEndpoint>, setting: LevelSetting) {
    const { config, overprovisioning } = setting;
    this.#setting = setting;
    this.#byHash = isHashBalancing(config.loadBalancing);
    const levels = levelsOf(endpoints);
    const shares = priorityShares(levels.map(healthOf), overprovisioning, config.panicThreshold);
    const choices: Choice[] = [];
    let until = 0;
    const add = (share: number, list: readonly UpstreamEndpoint[], level: readonly UpstreamEndpoint[]): void => {
      const panic = list === level;
      if (share <= 0 || list.length === 0) return;
      until += share;
      const fails = panic && config.zoneAware.failTrafficOnPanic && !this.#byHash;
      choices.push({
        until,
        panic,
        endpoints: fails ? [] : list,
        balancer: fails ? NOBODY : balancerOf(list, level, panic, setting),
      });
    };
    for (const [index, level] of levels.entries()) {
      const share = shares[index];
      if (share?.panic === true) add(share.healthy + share.degraded, level, level);
      else if (share !== undefined) add(share.healthy, of(level, 'healthy'), level);
    }
    for (const [index, level] of levels.entries()) {
      const share = shares[index];
      if (share === undefined || share.panic) continue;
      const healthy = of(level, 'healthy');
      // A key stays with the healthy endpoints of its level while there are any.
      add(share.degraded, this.#byHash && healthy.length > 0 ? healthy : of(level, 'degraded'), level);
    }
    this.#choices = choices;
  }

  /** What `pick` will give next, and after that what it will give then. Not for policies that depend on the exchange or on load. */
  ahead(): UpstreamEndpoint | undefined {
    const { kind } = this.#setting.config.loadBalancing;
    if (kind !== 'round-robin' && kind !== 'random') return undefined;
    const next = this.#ahead.length < MOST_AHEAD ? this.#choose(undefined)?.balancer.pick(undefined, 0) : undefined;
    if (next !== undefined) this.#ahead.push(next);
    return next;
  }

  pick(context: PickContext): UpstreamEndpoint | undefined {
    const known = context.avoidTried ? undefined : this.#ahead.shift();
    if (known !== undefined) return known;
    const { random } = this.#setting;
    const hash = this.#byHash ? (context.hash ?? randomHash(random)) : undefined;
    const choice = this.#choose(hash);
    if (choice === undefined) return undefined;
    if (choice.panic) this.#setting.count('lb_healthy_panic');
    const first = choice.balancer.pick(hash, 0);
    if (first === undefined || !context.avoidTried || !context.hasTried(first)) return first;
    for (let draw = 1; draw <= DRAWS; draw += 1) {
      const other = choice.balancer.pick(hash, draw);
      if (other !== undefined && !context.hasTried(other)) return other;
    }
    const start = Math.floor(random() * choice.endpoints.length);
    for (let i = 0; i < choice.endpoints.length; i += 1) {
      const other = choice.endpoints[(start + i) % choice.endpoints.length];
      if (other !== undefined && !context.hasTried(other)) return other;
    }
    for (const level of this.#choices) {
      const other = level === choice ? undefined : level.endpoints.find((endpoint) => !context.hasTried(endpoint));
      if (other !== undefined) return other;
    }
    return first;
  }

  #choose(hash: Hash64 | undefined): Choice | undefined {
    const choices = this.#choices;
    if (choices.length < 2) return choices[0];
    const roll = hash === undefined ? this.#setting.random() * 100 : modulo(hash, 100);
    for (const choice of choices) if (roll < choice.until) return choice;
    return choices[choices.length - 1];
  }
}

const NOBODY: Balancer<UpstreamEndpoint> = { pick: () => undefined };

/** `panic`: all endpoints of the level are used; localities do not matter then, except to a hash. */
function balancerOf(
  list: readonly UpstreamEndpoint[],
  level: readonly UpstreamEndpoint[],
  panic: boolean,
  setting: LevelSetting,
): Balancer<UpstreamEndpoint> {
  const { config, overprovisioning, zone } = setting;
  const { loadBalancing, localityWeighted } = config;
  if (isHashBalancing(loadBalancing)) {
    const shares = localityWeighted ? localityShares(list, level, zone?.here) : sharesOf(list);
    return hashing().hashBalancer(loadBalancing, shares, setting);
  }
  if (!panic && localityWeighted) {
    const weighted = localityBalancer(loadBalancing, list, level, overprovisioning, setting);
    if (weighted !== undefined) return weighted;
  }
  const byZone = panic || level[0]?.priority !== 0 ? undefined : zoneBalancer(list, level, setting);
  return byZone ?? balancer(loadBalancing, list, setting);
}
