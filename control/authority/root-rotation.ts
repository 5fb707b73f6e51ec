/**
 * The life of root certificates: one signs, and a change goes through a time in which peers trust both.
 * `begin`: the next root joins the trust bundle and signs nothing. `promote`: it signs, once every proxy has said that the bundle with it is
 * in use. `retire`: the old one leaves the bundle, once the last certificate under it has expired. `abandon`: a next root that is not wanted
 * any more leaves the bundle; it never signed. It holds names only; certificates and files are the authority's.
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
  /** Proxies that have not said that they use the bundle. */
  | { readonly code: 'not-acknowledged'; readonly message: string; readonly lagging: readonly string[] }
  /** The issuer outside gave no certificate, or none that can be used. */
  | { readonly code: 'issuer-unusable'; readonly message: string }
  | { readonly code: 'still-in-use'; readonly message: string; readonly until: number };

export class RootRotation {
  #state: RotationState;

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

  /** `lagging`: proxies that do not use the bundle with the next root yet. */
  promote(lagging: readonly string[], now: number): Result<RotationState, RotationError> {
    const { current, next } = this.#state;
    if (next === undefined) return err({ code: 'nothing-to-promote', message: 'no next root was begun' });
    if (lagging.length > 0)
      return err({
        code: 'not-acknowledged',
        message: `${lagging.length} proxies do not use the new bundle yet`,
        lagging,
      });
    this.#state = { current: next, next: undefined, old: current, promotedAt: now };
    return ok(this.#state);
  }

  /** `longestLife`: ms that a certificate signed just before the promotion may live, clocks' differences included; 0: at once. */
  retire(now: number, longestLife: number): Result<RotationState, RotationError> {
    const { old, promotedAt } = this.#state;
    if (old === undefined) return err({ code: 'nothing-to-retire', message: 'there is no old root' });
    const until = promotedAt + longestLife;
    if (now < until)
      return err({ code: 'still-in-use', message: 'certificates under the old root are still valid', until });
    this.#state = { ...this.#state, old: undefined, promotedAt: 0 };
    return ok(this.#state);
  }

  /** The next root is not wanted any more. */
  abandon(): Result<RotationState, RotationError> {
    if (this.#state.next === undefined) return err({ code: 'nothing-to-promote', message: 'no next root was begun' });
    this.#state = { ...this.#state, next: undefined };
    return ok(this.#state);
  }

  /** Takes a step back that could not be written down. */
  restore(state: RotationState): void {
    this.#state = state;
  }
}
