/**
 * A root that is not to be trusted any more, because its key may be known to others: every certificate under it is replaced and it leaves the
 * trust bundle, all within a minute. A state machine over ports: the new root is spread (`spreading`), signs, every workload is asked to
 * replace its certificate (`renewing`), and the old root leaves every bundle
 * (`dropping`, `done`). Who did not answer in time is named and holds nothing up: its registration
 * key gets it a certificate when it comes back.
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

export type TaintStep = 'spreading' | 'renewing' | 'dropping' | 'done';

export interface TaintReport {
  readonly step: TaintStep;
  /** SHA-256 of the tainted root. */
  readonly root: string;
  /** ms that it has taken, or took. */
  readonly took: number;
  /** While spreading and dropping: who does not use the bundle of now. Else: whose certificate is not replaced. */
  readonly waitingFor: readonly string[];
}

/** ms until the new root signs though not everybody said that it trusts it. */
const SPREAD = 14_000;
/** ms over which the workloads replace their certificates. */
const RENEW_WITHIN = 15_000;
/** ms until it is done though not everybody said that the old root is gone. */
const DROP = 5000;
/** ms until the old root goes though not everybody has replaced its certificate. */
const RENEW = 40_000;
const LOOK_EVERY = 100;

export class Taint {
  readonly #ports: TaintPorts;
  readonly #began: number;
  readonly #root: string;
  #step: TaintStep = 'spreading';
  #stepBegan: number;
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
  static async begin(ports: TaintPorts, root: string | undefined): Promise<Result<Taint, RotationError>> {
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
    if (tainted === current) {
      // An older one that still waits for its end stands in the way of a third root.
      if (old !== undefined) authority.retireRoot(true);
      if (next === undefined) {
        const begun = await authority.beginRotation('own');
        if (!begun.ok) return begun;
      }
      ports.changed();
    } else taint.#renew();
    taint.#look();
    return ok(taint);
  }

  report(): TaintReport {
    const { clock, lagging, outdated } = this.#ports;
    const waitingFor = this.#step === 'done' ? this.#left : this.#step === 'renewing' ? outdated() : lagging();
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
    if (this.#step === 'spreading' && (lagging().length === 0 || inStep >= SPREAD)) {
      authority.replaceTokenKeys();
      authority.promoteRoot([]);
      changed();
      this.#renew();
    } else if (this.#step === 'renewing' && (outdated().length === 0 || inStep >= RENEW)) {
      this.#left = outdated();
      authority.retireRoot(true);
      changed();
      this.#step = 'dropping';
      this.#stepBegan = clock.now();
    } else if (this.#step === 'dropping' && (lagging().length === 0 || inStep >= DROP)) this.#end();
    if (this.#step !== 'done') this.#timer = clock.after(LOOK_EVERY, () => this.#look());
  }

  #renew(): void {
    this.#step = 'renewing';
    this.#stepBegan = this.#ports.clock.now();
    this.#ports.renew(RENEW_WITHIN);
  }

  #end(): void {
    this.#took = this.#ports.clock.now() - this.#began;
    this.#step = 'done';
  }
}
