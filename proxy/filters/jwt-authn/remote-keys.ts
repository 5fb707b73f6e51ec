/**
 * The keys of an issuer that serves them over HTTP (envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks): fetched when a token first needs them,
 * or ahead of need and again before they are old. One fetch is under way at a time; requests that need keys wait for it. Whoever cannot be asked
 * has no keys: nothing stands in for them.
 */
import type { RemoteJwtKeys } from '@weft/core/proxy-config';
import type { Call, CallError, HttpAnswer, HttpCallHandler, ServiceCalls } from '../../calls/index.ts';
import { type JwkSet, LONGEST_SET, parseJwkSet } from '../../jwt/index.ts';
import type { EngineRuntime, ReusableTimer, TimerTarget } from '../../ports.ts';
import type { JwtStats } from './stats.ts';

export interface KeyWaiter {
  /** Undefined: they cannot be had. */
  keysCame(keys: JwkSet | undefined): void;
}

/** Keys that are fetched ahead are fetched so many ms before they are old, if they live longer. */
const AHEAD = 5000;
const OK = 200;

export class RemoteKeys implements HttpCallHandler, TimerTarget {
  readonly #row: RemoteJwtKeys;
  readonly #runtime: EngineRuntime;
  readonly #calls: ServiceCalls;
  readonly #stats: JwtStats;
  readonly #report: (fault: string) => void;
  readonly #authority: string;
  readonly #path: string;
  readonly #timer: ReusableTimer;
  #keys: JwkSet | undefined;
  /** Monotonic ms; those that are fetched ahead hold until others come. */
  #expires = Number.POSITIVE_INFINITY;
  #waiters = new Set<KeyWaiter>();
  #call: Call | undefined;
  /** Tries of the fetch that is under way; 0: none is. */
  #tries = 0;
  #stopped = false;

  constructor(
    row: RemoteJwtKeys,
    runtime: EngineRuntime,
    calls: ServiceCalls,
    stats: JwtStats,
    report: (fault: string) => void,
  ) {
    this.#row = row;
    this.#runtime = runtime;
    this.#calls = calls;
    this.#stats = stats;
    this.#report = report;
    const { host, pathname, search } = new URL(row.service.uri);
    this.#authority = host;
    this.#path = pathname + search;
    this.#timer = runtime.timers.create(this, 0);
    // The clusters of a configuration come together with its listeners.
    if (row.ahead !== undefined) this.#timer.start(1);
  }

  get current(): JwkSet | undefined {
    return this.#runtime.clock.now() < this.#expires ? this.#keys : undefined;
  }

  wait(waiter: KeyWaiter): void {
    this.#waiters.add(waiter);
    if (this.#tries === 0) this.#fetch();
  }

  leave(waiter: KeyWaiter): void {
    this.#waiters.delete(waiter);
  }

  /** Nothing is fetched ahead any more: the configuration is another one. */
  stop(): void {
    this.#stopped = true;
    if (this.#tries > 0 && this.#waiters.size > 0) return;
    this.#timer.stop();
    this.#call?.cancel();
    this.#call = undefined;
    this.#tries = 0;
  }

  timerFired(): void {
    if (this.#call === undefined) this.#fetch();
  }

  #fetch(): void {
    const { cluster, timeout } = this.#row.service;
    this.#timer.stop();
    this.#tries += 1;
    this.#call = this.#calls.http(
      {
        cluster,
        method: 'GET',
        authority: this.#authority,
        path: this.#path,
        headers: [],
        body: undefined,
        timeout,
        maxBody: LONGEST_SET,
      },
      this,
    );
  }

  httpAnswered({ status, body }: HttpAnswer): void {
    this.#call = undefined;
    if (status >= 500 && this.#triesAgain()) return;
    if (status !== OK) this.#failed(`status ${status}`);
    else {
      const set = parseJwkSet(body);
      if (typeof set === 'string') this.#failed(set);
      else this.#succeeded(set);
    }
  }

  httpFailed(error: CallError): void {
    this.#call = undefined;
    if (error === 'payload-too-large' || error === 'cluster-not-found' || !this.#triesAgain()) this.#failed(error);
  }

  /** Jittered, twice as long at each try. */
  #triesAgain(): boolean {
    const { retry } = this.#row;
    if (retry === undefined || this.#tries > retry.retries) return false;
    const longest = Math.min(retry.backOff.base * 2 ** (this.#tries - 1), retry.backOff.max);
    this.#timer.start(Math.max(1, this.#runtime.random() * longest));
    return true;
  }

  #succeeded(set: JwkSet): void {
    const { ahead, cacheDuration } = this.#row;
    this.#stats.fetched.add(1);
    for (const fault of set.faults) this.#report(`a key of ${this.#authority} is left out, ${fault}`);
    this.#keys = set;
    if (ahead === undefined) this.#expires = this.#runtime.clock.now() + cacheDuration;
    else this.#later(cacheDuration > AHEAD ? cacheDuration - AHEAD : cacheDuration);
    this.#tell(set);
  }

  #failed(reason: string): void {
    const { ahead, service } = this.#row;
    this.#stats.fetchFailed.add(1);
    this.#runtime.log.write('filter', 'warning', 'keys for tokens cannot be fetched', {
      cluster: service.cluster,
      reason,
    });
    if (ahead !== undefined) this.#later(ahead.failedRefetch);
    this.#tell(undefined);
  }

  #later(ms: number): void {
    if (!this.#stopped) this.#timer.start(Math.max(1, ms));
  }

  #tell(keys: JwkSet | undefined): void {
    this.#tries = 0;
    const waiters = this.#waiters;
    if (waiters.size === 0) return;
    this.#waiters = new Set();
    for (const waiter of waiters) waiter.keysCame(keys);
  }
}
