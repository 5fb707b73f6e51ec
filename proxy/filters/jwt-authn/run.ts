/** One exchange whose tokens are looked at: what was found so far, and how it goes on where that takes time. */
import type { MetadataStruct, MetadataValue } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import { isOk, type JwkSet, type JwtStatus } from '../../jwt/index.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, PAUSED, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { JwtAuthnFilter } from './filter.ts';
import type { KeyWaiter, RemoteKeys } from './remote-keys.ts';
import type { Requirement } from './requirement.ts';

export class JwtRun implements StreamFilter, KeyWaiter {
  readonly filter: JwtAuthnFilter;
  readonly exchange: Exchange;
  /** Unix seconds. */
  readonly now: number;
  /** The exchange ended, however it did. */
  over = false;
  /** The route is to be chosen once more. */
  routesAgain = false;
  readonly #run: FilterRun;
  readonly #told = new Map<string, MetadataValue>();
  #waits = false;
  #remote: RemoteKeys | undefined;
  #fetched: ((keys: JwkSet | undefined) => void) | undefined;
  #verdict: FilterVerdict = PAUSED;

  constructor(filter: JwtAuthnFilter, exchange: Exchange, run: FilterRun, now: number) {
    this.filter = filter;
    this.exchange = exchange;
    this.now = now;
    this.#run = run;
  }

  ask(requirement: Requirement, index: number): FilterVerdict {
    requirement(this, (status) => this.#done(status));
    if (this.#verdict !== PAUSED) return this.#verdict;
    this.#waits = true;
    this.#run.join(index, this);
    return PAUSED;
  }

  tell(name: string, value: MetadataStruct): void {
    this.#told.set(name, value);
  }

  #done(status: JwtStatus): void {
    if (this.#told.size > 0) this.exchange.head.addMetadata(NAMESPACE, Object.fromEntries(this.#told));
    this.#verdict = isOk(status) ? CONTINUE : ANSWERED;
    if (isOk(status)) this.filter.allow(this.exchange, this.routesAgain);
    else this.filter.deny(this.exchange, status);
    if (!this.#waits) return;
    this.#waits = false;
    if (this.#verdict === CONTINUE) this.#run.resume();
    else this.#run.answer();
  }

  /** Keys are fetched; `then` is told once, unless the exchange ends before. */
  wait(remote: RemoteKeys, then: (keys: JwkSet | undefined) => void): void {
    this.#fetched = then;
    this.#remote = remote;
    remote.wait(this);
  }

  keysCame(keys: JwkSet | undefined): void {
    const then = this.#fetched;
    this.#remote = undefined;
    if (!this.over && then !== undefined) this.guarded(() => then(keys));
  }

  /** Runs what came from elsewhere: a defect costs this exchange. */
  guarded(step: () => void): void {
    if (!this.#waits) {
      step();
      return;
    }
    try {
      step();
    } catch (error) {
      this.exchange.defect(error);
    }
  }

  ended(): void {
    this.over = true;
    this.#waits = false;
    this.#remote?.leave(this);
    this.#remote = undefined;
  }
}

const NAMESPACE = 'envoy.filters.http.jwt_authn';
