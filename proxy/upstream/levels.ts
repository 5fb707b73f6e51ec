/**
 * The pick: a cluster's endpoints by priority level and health, with one balancer a list. Built anew when membership, health or weights
 * changed, at the next pick.
 */
import type { Cluster } from '@weft/core/proxy-config';
import type { PickContext } from '../ports.ts';
import { balancer, type Balancer, type BalancerSetting } from './balance/index.ts';
import type { UpstreamEndpoint } from './endpoint.ts';
import { localityBalancer } from './locality-balancer.ts';
import { type LevelHealth, priorityShares } from './priority.ts';

interface Choice {
  /** Upper bound of this choice in [0, 100). */
  readonly until: number;
  readonly endpoints: readonly UpstreamEndpoint[];
  readonly balancer: Balancer<UpstreamEndpoint>;
}

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
  total: list.length,
});

export const levelHealth = (endpoints: Iterable<UpstreamEndpoint>): LevelHealth[] => levelsOf(endpoints).map(healthOf);

export class Levels {
  readonly #choices: readonly Choice[];
  readonly #random: () => number;

  constructor(
    endpoints: Iterable<UpstreamEndpoint>,
    config: Cluster,
    overprovisioning: number,
    setting: BalancerSetting,
  ) {
    this.#random = setting.random;
    const levels = levelsOf(endpoints);
    const shares = priorityShares(levels.map(healthOf), overprovisioning, config.panicThreshold);
    const choices: Choice[] = [];
    let until = 0;
    /** `all` endpoints of the level; undefined: it panics, and localities do not matter. */
    const add = (share: number, list: readonly UpstreamEndpoint[], all?: readonly UpstreamEndpoint[]): void => {
      if (share <= 0 || list.length === 0) return;
      until += share;
      const chosen =
        config.localityWeighted && all !== undefined
          ? localityBalancer(config.loadBalancing, list, all, overprovisioning, setting)
          : balancer(config.loadBalancing, list, setting);
      choices.push({ until, endpoints: list, balancer: chosen });
    };
    for (const [index, list] of levels.entries()) {
      const share = shares[index];
      if (share === undefined) continue;
      if (share.panic) add(share.healthy + share.degraded, list);
      else {
        add(share.healthy, of(list, 'healthy'), list);
        add(share.degraded, of(list, 'degraded'), list);
      }
    }
    this.#choices = choices;
  }

  pick(context: PickContext): UpstreamEndpoint | undefined {
    const choice = this.#choose(context.hash);
    if (choice === undefined) return undefined;
    const first = choice.balancer.pick(context.hash);
    if (first === undefined || !context.avoidTried || !context.hasTried(first)) return first;
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const other = choice.balancer.pick(-1);
      if (other !== undefined && !context.hasTried(other)) return other;
    }
    const start = Math.floor(this.#random() * choice.endpoints.length);
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

  #choose(hash: number): Choice | undefined {
    const choices = this.#choices;
    if (choices.length < 2) return choices[0];
    const roll = hash < 0 ? this.#random() * 100 : hash % 100;
    for (const choice of choices) if (roll < choice.until) return choice;
    return choices[choices.length - 1];
  }
}
