/**
 * Workloads as leases, held by their agents' streams. Pure: time by an injected clock, effects by callbacks, nothing is stored here.
 *
 * A stream that is lost takes its endpoints out after `withdrawAfter` and its workload away after `expireAfter`. When more than half of an
 * application's workloads are lost at once, the fault is more likely ours or the network's than theirs: both times are then the longer
 * `massWithdrawAfter` and `massExpireAfter`. Workloads known from before a restart of the control plane count as lost at its start, and
 * as ready until `massWithdrawAfter`: nobody leaves service because the control plane was away. Those that had left it before stay out.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { WorkloadLiveness, WorkloadState } from '@weft/core/mesh-view';

export interface LeaseTimes {
  /** ms from the loss of a stream until its endpoints count as not ready: long enough for an agent to reconnect. */
  readonly withdrawAfter: number;
  /** ms until its Workload is deleted. */
  readonly expireAfter: number;
  readonly massWithdrawAfter: number;
  readonly massExpireAfter: number;
}

export const LEASE_TIMES: LeaseTimes = {
  withdrawAfter: 2000,
  expireAfter: 60_000,
  massWithdrawAfter: 30_000,
  massExpireAfter: 300_000,
};

export interface LeaseEvents {
  /** Liveness of this workload is not what it was. */
  changed(workload: string): void;
  /** Its endpoints were taken out because its stream stayed away: remember it beyond a restart. */
  withdrawn(workload: string): void;
  /** The lease has run out: delete the Workload. */
  expired(workload: string): void;
}

interface Lease {
  readonly application: string;
  /** Port name to the number the application listens on. */
  readonly ports: ReadonlyMap<string, number>;
  readonly ready: Set<number>;
  draining: boolean;
  /** Clock time of the loss; undefined while its stream is there. */
  lostAt: number | undefined;
  /** Not heard of since the control plane started. */
  readonly restored: boolean;
  withdrawn: boolean;
  timer: Timer | undefined;
  /** What `liveness` says of it; undefined when it has to be said anew. */
  state?: WorkloadState | undefined;
}

export class Leases {
  readonly #clock: MonotonicClock;
  readonly #times: LeaseTimes;
  readonly #events: LeaseEvents;
  readonly #leases = new Map<string, Lease>();
  readonly #applications = new Map<string, Set<string>>();
  #snapshot: WorkloadLiveness | undefined;

  constructor(clock: MonotonicClock, events: LeaseEvents, times: LeaseTimes = LEASE_TIMES) {
    this.#clock = clock;
    this.#events = events;
    this.#times = times;
  }

  /**
   * The view's second input; the same object until something changes. A workload from before a restart is absent, hence ready, until it
   * is heard of or withdrawn.
   */
  liveness(): WorkloadLiveness {
    if (this.#snapshot !== undefined) return this.#snapshot;
    const states = new Map<string, WorkloadState>();
    for (const [workload, lease] of this.#leases) {
      if (lease.restored && !lease.withdrawn) continue;
      lease.state ??= { ready: lease.withdrawn ? NOTHING : new Set(lease.ready), draining: lease.draining };
      states.set(workload, lease.state);
    }
    this.#snapshot = states;
    return states;
  }

  has(workload: string): boolean {
    return this.#leases.has(workload);
  }

  /** A workload whose stream is expected back; `withdrawn`: it had no endpoints before. Ignored when its stream is there already. */
  restore(workload: string, application: string, withdrawn = false): void {
    if (this.#leases.has(workload)) return;
    this.#put(workload, {
      application,
      ports: new Map(),
      ready: new Set(),
      draining: false,
      lostAt: this.#clock.now(),
      restored: true,
      withdrawn,
      timer: undefined,
    });
    this.#changed(workload);
    this.#review(application);
  }

  /** A stream holds the lease from now on. */
  attach(
    workload: string,
    application: string,
    ports: ReadonlyMap<string, number>,
    readiness: ReadonlyMap<string, boolean>,
  ): void {
    this.#leases.get(workload)?.timer?.cancel();
    const lease: Lease = {
      application,
      ports,
      ready: new Set(),
      draining: false,
      lostAt: undefined,
      restored: false,
      withdrawn: false,
      timer: undefined,
    };
    apply(lease, readiness);
    this.#put(workload, lease);
    this.#changed(workload);
    this.#review(application);
  }

  /** Ports that the workload does not have are ignored. */
  readiness(workload: string, ports: ReadonlyMap<string, boolean>): void {
    const lease = this.#leases.get(workload);
    if (lease !== undefined && apply(lease, ports)) this.#changed(workload);
  }

  /** Whether its endpoints were taken out because its stream stayed away. */
  withdrawn(workload: string): boolean {
    return this.#leases.get(workload)?.withdrawn ?? false;
  }

  /** Whether it has said that it leaves. */
  draining(workload: string): boolean {
    return this.#leases.get(workload)?.draining ?? false;
  }

  /** It leaves: no endpoint any more, lease kept. */
  drain(workload: string): void {
    const lease = this.#leases.get(workload);
    if (lease === undefined || lease.draining) return;
    lease.draining = true;
    this.#changed(workload);
  }

  lost(workload: string): void {
    const lease = this.#leases.get(workload);
    if (lease === undefined || lease.lostAt !== undefined) return;
    lease.lostAt = this.#clock.now();
    this.#review(lease.application);
  }

  /** The Workload is gone: by its own wish, or deleted by somebody. */
  release(workload: string): void {
    const lease = this.#leases.get(workload);
    if (lease === undefined) return;
    lease.timer?.cancel();
    this.#leases.delete(workload);
    const members = this.#applications.get(lease.application);
    members?.delete(workload);
    if (members?.size === 0) this.#applications.delete(lease.application);
    this.#changed(workload);
    this.#review(lease.application);
  }

  stop(): void {
    for (const lease of this.#leases.values()) lease.timer?.cancel();
    this.#leases.clear();
    this.#applications.clear();
    this.#snapshot = undefined;
  }

  #changed(workload: string): void {
    this.#snapshot = undefined;
    const lease = this.#leases.get(workload);
    if (lease !== undefined) lease.state = undefined;
    this.#events.changed(workload);
  }

  #put(workload: string, lease: Lease): void {
    const before = this.#leases.get(workload);
    if (before !== undefined && before.application !== lease.application)
      this.#applications.get(before.application)?.delete(workload);
    this.#leases.set(workload, lease);
    const members = this.#applications.get(lease.application) ?? new Set();
    members.add(workload);
    this.#applications.set(lease.application, members);
  }

  /** Sets the timers of an application's lost workloads by how many of it are lost now. */
  #review(application: string): void {
    const mass = this.#mass(application);
    for (const workload of this.#applications.get(application) ?? []) {
      const lease = this.#leases.get(workload);
      if (lease?.lostAt !== undefined) this.#plan(workload, lease, lease.lostAt, mass);
    }
  }

  #plan(workload: string, lease: Lease, lostAt: number, mass: boolean): void {
    const { withdrawAfter, expireAfter, massWithdrawAfter, massExpireAfter } = this.#times;
    const withdrawAt = lostAt + (mass || lease.restored ? massWithdrawAfter : withdrawAfter);
    const expireAt = lostAt + (mass ? massExpireAfter : expireAfter);
    lease.timer?.cancel();
    const due = lease.withdrawn ? expireAt : withdrawAt;
    lease.timer = this.#clock.after(Math.max(0, due - this.#clock.now()), () => {
      if (lease.withdrawn) {
        this.release(workload);
        this.#events.expired(workload);
      } else {
        lease.withdrawn = true;
        this.#changed(workload);
        this.#events.withdrawn(workload);
        this.#plan(workload, lease, lostAt, this.#mass(lease.application));
      }
    });
  }

  #mass(application: string): boolean {
    const members = [...(this.#applications.get(application) ?? [])];
    return members.filter((workload) => this.#leases.get(workload)?.lostAt !== undefined).length * 2 > members.length;
  }
}

const NOTHING: ReadonlySet<number> = new Set();

function apply(lease: Lease, readiness: ReadonlyMap<string, boolean>): boolean {
  let changed = false;
  for (const [name, ready] of readiness) {
    const port = lease.ports.get(name);
    if (port === undefined || lease.ready.has(port) === ready) continue;
    changed = true;
    if (ready) lease.ready.add(port);
    else lease.ready.delete(port);
  }
  return changed;
}
