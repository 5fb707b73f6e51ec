/**
 * Changes of what is trusted, for people and by the clock: rotations step by step, taints, the end of an old root when its last certificate is
 * over, certificates from issuers outside. It decides when; `authority.ts` does it.
 */
import { err, type MonotonicClock, ok, type Result, type Timer, type WallClock } from '@weft/core/kernel';
import type { Authorities } from './authorities.ts';
import type { RootReport } from './authority.ts';
import type { IssuerKind } from './authority-file.ts';
import type { RotationError } from './root-rotation.ts';
import { Taint, type TaintReport } from './taint.ts';

/** Port: the workloads of this control plane. */
export interface TrustHolders {
  /** Proxies, of all trust domains, that do not use their bundle of now. */
  lagging(): readonly string[];
  /** Workloads of the trust domain that are there and hold no certificate under `root`. */
  outdated(trustDomain: string, root: string): readonly string[];
  renew(trustDomain: string, within: number): void;
}

export interface TrustChangesOptions {
  readonly authorities: Authorities;
  readonly holders: TrustHolders;
  readonly clock: MonotonicClock;
  readonly wall: WallClock;
  /** Roots or keys are not what they were: bundles are to be pushed, and the control plane's own certificate made anew. */
  readonly changed: () => void;
  readonly onEvent: (event: string, facts: Readonly<Record<string, string | number>>) => void;
  readonly onProblem: (trustDomain: string, problem: string) => void;
}

export interface AuthorityReport {
  readonly trustDomain: string;
  readonly roots: readonly RootReport[];
  /** ms since the epoch: end of the certificate that signs. */
  readonly intermediateNotAfter: number;
  /** While there is a next root: who does not trust it yet. */
  readonly lagging: readonly string[];
  /** ms since the epoch: when the old root leaves. */
  readonly retireAt: number | undefined;
  readonly taint: TaintReport | undefined;
}

const LOOK_EVERY = 60_000;

export class TrustChanges {
  readonly #options: TrustChangesOptions;
  readonly #taints = new Map<string, Taint>();
  /** JWK sets as they were told, by trust domain. */
  readonly #told = new Map<string, string>();
  #timer: Timer | undefined;

  constructor(options: TrustChangesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#look();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const taint of this.#taints.values()) taint.stop();
  }

  report(trustDomain: string): AuthorityReport {
    const { authorities, holders } = this.#options;
    const authority = authorities.of(trustDomain);
    return {
      trustDomain,
      roots: authority.reports(),
      intermediateNotAfter: authority.intermediateNotAfter,
      lagging: authority.rotation.next === undefined ? [] : holders.lagging(),
      retireAt: authority.retireAt,
      taint: this.#taints.get(trustDomain)?.report(),
    };
  }

  /** `begin` and `retire` change what proxies trust, `promote` who signs. */
  async step(
    trustDomain: string,
    step: 'begin' | 'promote' | 'retire' | 'abandon',
    how: { readonly from?: IssuerKind; readonly anyway?: boolean } = {},
  ): Promise<Result<AuthorityReport, RotationError>> {
    const { authorities, holders, changed, onEvent } = this.#options;
    if (this.#underWay(trustDomain)) return err(TAINTING);
    const authority = authorities.of(trustDomain);
    const anyway = how.anyway === true;
    const done =
      step === 'begin'
        ? await authority.beginRotation(how.from)
        : step === 'promote'
          ? authority.promoteRoot(anyway ? [] : holders.lagging())
          : step === 'retire'
            ? authority.retireRoot(anyway)
            : authority.abandonRotation();
    if (!done.ok) return done;
    onEvent(`root rotation: ${step}`, { trustDomain, root: authority.rootSha256 });
    changed();
    return ok(this.report(trustDomain));
  }

  async taint(trustDomain: string, root: string | undefined): Promise<Result<AuthorityReport, RotationError>> {
    const { authorities, holders, clock, changed, onEvent } = this.#options;
    if (this.#underWay(trustDomain)) return err(TAINTING);
    const authority = authorities.of(trustDomain);
    const begun = Taint.begin(
      {
        authority,
        clock,
        changed,
        lagging: () => holders.lagging(),
        renew: (within) => holders.renew(trustDomain, within),
        outdated: () => holders.outdated(trustDomain, authority.rootSha256),
      },
      root,
    );
    if (!begun.ok) return begun;
    this.#taints.set(trustDomain, begun.value);
    onEvent('root tainted', { trustDomain, root: begun.value.report().root });
    return ok(this.report(trustDomain));
  }

  #underWay(trustDomain: string): boolean {
    const step = this.#taints.get(trustDomain)?.report().step;
    return step !== undefined && step !== 'done';
  }

  #look(): void {
    const { clock, wall, authorities, changed, onEvent } = this.#options;
    let news = false;
    for (const [trustDomain, authority] of authorities.all()) {
      const jwks = authority.jwks();
      const told = this.#told.get(trustDomain);
      this.#told.set(trustDomain, jwks);
      if (told !== undefined && told !== jwks) news = true;
      const { retireAt } = authority;
      if (retireAt !== undefined && wall.now() >= retireAt && !this.#underWay(trustDomain)) {
        news = authority.retireRoot().ok || news;
        onEvent('root rotation: the old root is gone', { trustDomain });
      }
      authority.maintain().then(
        (renewed) => !renewed.ok && this.#options.onProblem(trustDomain, renewed.error),
        (error: unknown) => this.#options.onProblem(trustDomain, String(error)),
      );
    }
    if (news) changed();
    this.#timer = clock.after(LOOK_EVERY, () => this.#look());
  }
}

const TAINTING: RotationError = { code: 'rotation-under-way', message: 'a root is being replaced: wait for its end' };
