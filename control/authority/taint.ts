/**
 * A root that is not to be trusted any more, because its key may be known to others: every certificate under it is replaced and it leaves the
 * trust bundle, all within a minute. A state machine over ports: the new root is spread (`spreading`), signs, every workload is asked to
 * replace its certificate (`renewing`), and the old root leaves every bundle (`dropping`, `done`). Only three roots may be trusted at a time:
 * where one that a rotation replaced is still trusted, whoever shows a certificate under it replaces that first (`clearing`), else its calls
 * would be refused until it has another. Who did not answer in time is named and holds nothing up: its registration key gets it a
 * certificate when it comes back.
 */
import { err, type MonotonicClock, ok, type Result, type Timer } from '@weft/core/kernel';
import type { Authority } from './authority.ts';
import type { RotationError } from './root-rotation.ts';

export interface TaintPorts {
  readonly authority: Authority;
  readonly clock: MonotonicClock;
  /** Roots or keys are not what they were: tell everybody. */
  readonly changed: () => void;
  /** Proxies that do not use the bundle of now. */
  readonly lagging: () => readonly string[];
  /** Asks every workload to replace its certificate within so many ms. */
  readonly renew: (within: number) => void;
  /** Workloads that are there and hold no certificate under the signing root. */
  readonly outdated: () => readonly string[];
}

export type TaintStep = 'clearing' | 'spreading' | 'renewing' | 'dropping' | 'done';

export interface TaintReport {
  readonly step: TaintStep;
  /** SHA-256 of the tainted root. */
  readonly root: string;
  /** ms that it has taken, or took. */
  readonly took: number;
  /** While spreading and dropping: who does not use the bundle of now. Else: whose certificate is not replaced. */
  readonly waitingFor: readonly string[];
}

/** ms over which workloads replace certificates under an older root, and until that goes though not everybody has. */
const CLEAR_WITHIN = 4000;
const CLEAR = 8000;
/** ms until the new root signs though not everybody said that it trusts it. */
const SPREAD = 14_000;
/** ms over which the workloads replace their certificates. */
const RENEW_WITHIN = 15_000;
/** ms until it is done though not everybody said that the old root is gone. */
const DROP = 5000;
/** ms until the old root goes though not everybody has replaced its certificate; what clearing took is taken from it. */
const RENEW = 40_000;
/** ms from the issue of a certificate until its proxy surely shows it. */
const IN_USE = 1000;
const LOOK_EVERY = 100;

export class Taint {
  readonly #ports: TaintPorts;
  readonly #began: number;
  readonly #root: string;
  #step: TaintStep = 'spreading';
  #stepBegan: number;
  /** ms. */
  #clearing = 0;
  /** When it was first seen in this step that nobody is to replace a certificate. */
  #replacedAt: number | undefined;
  #timer: Timer | undefined;
  #took = 0;
  #left: readonly string[] = [];

  private constructor(ports: TaintPorts, root: string) {
    this.#ports = ports;
    this.#root = root;
    this.#began = ports.clock.now();
    this.#stepBegan = this.#began;
  }

  /** `root`: SHA-256 of a trusted root, or the beginning of it; undefined: the one that signs. */
  static begin(ports: TaintPorts, root: string | undefined): Result<Taint, RotationError> {
    const { authority } = ports;
    const { current, next, old } = authority.rotation;
    const [tainted, ...more] =
      root === undefined ? [current] : [current, next, old].filter((one) => one?.startsWith(root) === true);
    if (tainted === undefined || more.length > 0)
      return err({ code: 'nothing-to-retire', message: `no one trusted root begins with ${root ?? ''}` });
    const taint = new Taint(ports, tainted);
    if (tainted === next) {
      const abandoned = authority.abandonRotation();
      if (!abandoned.ok) return abandoned;
      ports.changed();
      taint.#end();
      return ok(taint);
    }
    if (tainted === old) taint.#renew();
    else if (old !== undefined && ports.outdated().length > 0) taint.#clear();
    else {
      const begun = taint.#spread();
      if (!begun.ok) return begun;
    }
    taint.#look();
    return ok(taint);
  }

  report(): TaintReport {
    const { clock, lagging, outdated } = this.#ports;
    const replacing = this.#step === 'clearing' || this.#step === 'renewing';
    const waitingFor = this.#step === 'done' ? this.#left : replacing ? outdated() : lagging();
    const took = this.#step === 'done' ? this.#took : clock.now() - this.#began;
    return { step: this.#step, root: this.#root, took, waitingFor };
  }

  /** What is under way stays as it is; a taint begun anew goes on from there. */
  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const { authority, changed, clock, lagging, outdated } = this.#ports;
    const inStep = clock.now() - this.#stepBegan;
    if (this.#step === 'clearing') {
      // What could not be written down is tried again.
      if (this.#replacedWithin(CLEAR) && this.#spread().ok) this.#clearing = inStep;
    } else if (this.#step === 'spreading' && (lagging().length === 0 || inStep >= SPREAD)) {
      authority.replaceTokenKeys();
      authority.promoteRoot([]);
      changed();
      this.#renew();
    } else if (this.#step === 'renewing' && this.#replacedWithin(RENEW - this.#clearing)) {
      this.#left = outdated();
      authority.retireRoot(true);
      changed();
      this.#step = 'dropping';
      this.#stepBegan = clock.now();
    } else if (this.#step === 'dropping' && (lagging().length === 0 || inStep >= DROP)) this.#end();
    if (this.#step !== 'done') this.#timer = clock.after(LOOK_EVERY, () => this.#look());
  }

  /** Everybody shows a certificate under the signing root, or `limit` ms of the step are over. */
  #replacedWithin(limit: number): boolean {
    const now = this.#ports.clock.now();
    if (this.#ports.outdated().length > 0) this.#replacedAt = undefined;
    else this.#replacedAt ??= now;
    return now - this.#stepBegan >= limit || (this.#replacedAt !== undefined && now - this.#replacedAt >= IN_USE);
  }

  #clear(): void {
    this.#step = 'clearing';
    this.#ports.renew(CLEAR_WITHIN);
  }

  /** An older root stands in the way of a third one. */
  #spread(): Result<unknown, RotationError> {
    const { authority, changed, clock } = this.#ports;
    if (authority.rotation.old !== undefined) authority.retireRoot(true);
    if (authority.rotation.next === undefined) {
      const begun = authority.beginOwnRotation();
      if (!begun.ok) return begun;
    }
    this.#step = 'spreading';
    this.#stepBegan = clock.now();
    changed();
    return ok(undefined);
  }

  #renew(): void {
    this.#step = 'renewing';
    this.#replacedAt = undefined;
    this.#stepBegan = this.#ports.clock.now();
    this.#ports.renew(RENEW_WITHIN);
  }

  #end(): void {
    this.#took = this.#ports.clock.now() - this.#began;
    this.#step = 'done';
  }
}
