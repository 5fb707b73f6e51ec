/**
 * Clusters as one (envoy.extensions.clusters.aggregate.v3): their priority levels stand one after the other, each takes its share of the traffic by
 * Envoy's rules, and the cluster of the level that is drawn serves the exchange. It has no endpoints and no limits of its own.
 */
import type { LevelHealth } from './priority.ts';
import { priorityShares } from './priority.ts';

/** A cluster that can be part of another. */
export interface AggregateMember {
  /** Its levels, the highest first; the same object until something changes. */
  readonly levelHealth: readonly LevelHealth[];
  /** Percent, of its levels. */
  readonly overprovisioning: number;
}

interface Choice<Member> {
  /** Upper bound of this choice in [0, 100). */
  readonly until: number;
  readonly member: Member;
}

export class AggregateCluster<Member extends AggregateMember> {
  readonly #names: readonly string[];
  readonly #panicThreshold: number;
  #members: readonly Member[] = [];
  #health: readonly (readonly LevelHealth[])[] = [];
  #choices: readonly Choice<Member>[] = [];

  constructor(names: readonly string[], panicThreshold: number) {
    this.#names = names;
    this.#panicThreshold = panicThreshold;
  }

  /** `roll` in [0, 1). The first one when nobody has an endpoint; undefined when none of them is there. */
  choose(find: (name: string) => Member | undefined, roll: number): Member | undefined {
    const members = this.#names.flatMap((name) => find(name) ?? []);
    const health = members.map((member) => member.levelHealth);
    const known =
      members.length === this.#members.length &&
      members.every((member, index) => member === this.#members[index] && health[index] === this.#health[index]);
    if (!known) this.#build(members, health);
    for (const choice of this.#choices) if (roll * 100 < choice.until) return choice.member;
    return this.#choices.at(-1)?.member ?? members[0];
  }

  #build(members: readonly Member[], health: readonly (readonly LevelHealth[])[]): void {
    this.#members = members;
    this.#health = health;
    const levels = members.flatMap((member, index) => (health[index] ?? []).map((level) => ({ member, level })));
    const shares = priorityShares(
      levels.map(({ level }) => level),
      levels.map(({ member }) => member.overprovisioning),
      this.#panicThreshold,
    );
    let until = 0;
    this.#choices = levels.flatMap(({ member }, index) => {
      const share = shares[index];
      const part = share === undefined ? 0 : share.healthy + share.degraded;
      if (part <= 0) return [];
      until += part;
      return [{ until, member }];
    });
  }
}
