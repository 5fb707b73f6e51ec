/**
 * The tokens of one request at their locations, verified one after the other from the last. All must be genuine unless failed or missing ones are
 * allowed: an application must not take one that was not looked at for one that was.
 */
import {
  isOk,
  type JwkSet,
  type Jwt,
  type JwtStatus,
  parseJwt,
  statusCode,
  statusText,
  verifyJws,
} from '../../jwt/index.ts';
import type { Audiences } from './audiences.ts';
import { passOn, payloadMetadata } from './forward.ts';
import type { FoundToken, TokenLocations } from './locations.ts';
import type { ProviderRuntime } from './provider.ts';
import type { JwtRun } from './run.ts';

export type Done = (status: JwtStatus) => void;

export interface Demand {
  readonly locations: TokenLocations;
  /** Undefined: the provider of the token's issuer. */
  readonly provider: ProviderRuntime | undefined;
  /** Undefined: the provider's own. */
  readonly audiences: Audiences | undefined;
  readonly allowsMissing: boolean;
  readonly allowsFailed: boolean;
}

export class Authenticator {
  readonly #demand: Demand;
  readonly #run: JwtRun;
  readonly #done: Done;
  readonly #tokens: FoundToken[];
  readonly #tooMany: boolean;
  #provider: ProviderRuntime | undefined;
  #routesAgain = false;

  constructor(demand: Demand, run: JwtRun, done: Done) {
    this.#demand = demand;
    this.#run = run;
    this.#done = done;
    this.#provider = demand.provider;
    demand.locations.sanitise(run.exchange);
    const found = demand.locations.find(run.exchange);
    this.#tooMany = found === undefined;
    this.#tokens = found ?? [];
  }

  start(): void {
    if (this.#tooMany) this.#judged('too-many');
    else if (this.#tokens.length === 0) this.#judged('missing');
    else this.#next();
  }

  #next(): void {
    const found = this.#tokens.pop();
    if (found === undefined) return;
    const { stats } = this.#run.filter;
    const { provider: wanted } = this.#demand;
    let jwt: Jwt | JwtStatus | undefined;
    if (wanted !== undefined) {
      this.#provider = wanted;
      jwt = wanted.cache?.get(found.token, wanted.keys);
      (jwt === undefined ? stats.cacheMiss : stats.cacheHit).add(1);
    }
    const known = jwt !== undefined;
    jwt ??= parseJwt(found.token);
    if (typeof jwt === 'string') {
      this.#judged(jwt);
      return;
    }
    if (found.issuers !== undefined && !found.issuers.has(jwt.issuer)) {
      this.#judged('unknown-issuer');
      return;
    }
    this.#provider = wanted ?? this.#run.filter.providerOf(jwt.issuer);
    this.#verify(found, jwt, this.#provider, known);
  }

  #verify(found: FoundToken, jwt: Jwt, provider: ProviderRuntime | undefined, known: boolean): void {
    if (provider === undefined) {
      this.#judged('unknown-issuer');
      return;
    }
    const fault = provider.claimFault(jwt, this.#demand.audiences, this.#run.now);
    if (fault !== undefined) {
      if (fault === 'expired') provider.cache?.forget(found.token);
      this.#judged(fault);
      return;
    }
    if (known) {
      this.#genuine(found, jwt, provider);
      return;
    }
    const { keys, remote } = provider;
    if (keys !== undefined) this.#check(found, jwt, provider, keys);
    else if (remote === undefined) this.#judged('no-keys');
    else {
      this.#run.wait(remote, (fetched) => {
        if (fetched === undefined) this.#judged('fetch-failed');
        else this.#check(found, jwt, provider, fetched);
      });
    }
  }

  #check(found: FoundToken, jwt: Jwt, provider: ProviderRuntime, keys: JwkSet): void {
    verifyJws(jwt.jws, keys.keys, (status) => {
      if (this.#run.over) return;
      this.#run.guarded(() => {
        if (!isOk(status)) this.#judged(status);
        else {
          if (this.#demand.provider !== undefined) provider.cache?.add(found.token, jwt, keys);
          this.#genuine(found, jwt, provider);
        }
      });
    });
  }

  #genuine(found: FoundToken, jwt: Jwt, provider: ProviderRuntime): void {
    const { exchange } = this.#run;
    const { row } = provider;
    if (passOn(exchange, jwt, row) && row.clearRouteCache) this.#routesAgain = true;
    if (!row.forward) found.location.remove(exchange);
    if (row.headerInMetadata !== '') this.#run.tell(row.headerInMetadata, jwt.jws.header);
    if (row.payloadInMetadata !== '') this.#run.tell(row.payloadInMetadata, payloadMetadata(jwt, row));
    this.#judged('ok');
  }

  #judged(status: JwtStatus): void {
    const { allowsFailed, allowsMissing } = this.#demand;
    if (!isOk(status)) this.#tellFailure(status);
    const stops = this.#tokens.length === 0 || (!isOk(status) && !allowsFailed && !allowsMissing);
    if (!stops) {
      this.#next();
      return;
    }
    if (this.#routesAgain) this.#run.routesAgain = true;
    this.#done(allowsFailed || (allowsMissing && status === 'missing') ? 'ok' : status);
  }

  #tellFailure(status: JwtStatus): void {
    const name = (this.#provider ?? this.#run.filter.onlyProvider)?.row.failedStatusInMetadata ?? '';
    if (name !== '') this.#run.tell(name, { code: statusCode(status), message: statusText(status) });
  }
}
