/**
 * The life of root certificates: one signs, and a change goes through a time in which peers trust both.
 * `begin`: the next root joins the trust bundle and signs nothing. `promote`: it signs, once every attached agent has said that the bundle
 * with it is in use. `retire`: the old one leaves the bundle, once the last certificate under it has expired.
 * It holds names only; certificates and files are the authority's.
 */
import { err, ok, type Result } from '@weft/core/kernel';

export interface RotationState {
  readonly current: string;
  /** Trusted, not signing yet. */
  readonly next: string | undefined;
  /** Trusted, no longer signing. */
  readonly old: string | undefined;
  /** When `old` stopped signing, ms since the epoch; 0 when there is no old one. */
  readonly promotedAt: number;
}

export type RotationError =
  | { readonly code: 'rotation-under-way'; readonly message: string }
  | { readonly code: 'nothing-to-promote'; readonly message: string }
  | { readonly code: 'nothing-to-retire'; readonly message: string }
  /** Agents that have not said that they use the bundle. */
  | { readonly code: 'not-acknowledged'; readonly message: string; readonly agents: readonly string[] }
  | { readonly code: 'still-in-use'; readonly message: string; readonly until: number };

export class RootRotation {
  #state: RotationState;
  /** Agent -> bundle version in use. */
  readonly #inUse = new Map<string, string>();

  constructor(state: RotationState) {
    this.#state = state;
  }

  get state(): RotationState {
    return this.#state;
  }

  /** Roots that peers must trust now, the signing one first. */
  trusted(): readonly string[] {
    const { current, next, old } = this.#state;
    return [current, next, old].filter((root) => root !== undefined);
  }

  begin(next: string): Result<RotationState, RotationError> {
    if (this.#state.next !== undefined || this.#state.old !== undefined)
      return err({ code: 'rotation-under-way', message: 'a rotation is under way: finish it first' });
    this.#state = { ...this.#state, next };
    return ok(this.#state);
  }

  /** `bundle`: the version of the bundle that has the next root in it. */
  promote(bundle: string, now: number): Result<RotationState, RotationError> {
    const { current, next } = this.#state;
    if (next === undefined) return err({ code: 'nothing-to-promote', message: 'no next root was begun' });
    const agents = [...this.#inUse].filter(([, version]) => version !== bundle).map(([agent]) => agent);
    if (agents.length > 0)
      return err({
        code: 'not-acknowledged',
        message: `${agents.length} agents do not use the new bundle yet`,
        agents,
      });
    this.#state = { current: next, next: undefined, old: current, promotedAt: now };
    return ok(this.#state);
  }

  /** `longestLife`: ms that a certificate signed just before the promotion may live, clocks' differences included. */
  retire(now: number, longestLife: number): Result<RotationState, RotationError> {
    const { old, promotedAt } = this.#state;
    if (old === undefined) return err({ code: 'nothing-to-retire', message: 'there is no old root' });
    const until = promotedAt + longestLife;
    if (now < until)
      return err({ code: 'still-in-use', message: 'certificates under the old root are still valid', until });
    this.#state = { ...this.#state, old: undefined, promotedAt: 0 };
    return ok(this.#state);
  }

  /** Takes a step back that could not be written down. */
  restore(state: RotationState): void {
    this.#state = state;
  }

  /** An agent's stream says which bundle it uses; '' for none yet. */
  acknowledge(agent: string, bundle: string): void {
    this.#inUse.set(agent, bundle);
  }

  /** An agent that is gone holds nothing up: it gets the bundle before its next certificate. */
  detach(agent: string): void {
    this.#inUse.delete(agent);
  }
}
