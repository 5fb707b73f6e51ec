/** `http.<prefix>.jwt_authn.*` */
import type { Counter, EngineRuntime } from '../../ports.ts';

export class JwtStats {
  readonly allowed: Counter;
  readonly denied: Counter;
  readonly preflights: Counter;
  readonly fetched: Counter;
  readonly fetchFailed: Counter;
  readonly cacheHit: Counter;
  readonly cacheMiss: Counter;

  constructor(runtime: EngineRuntime, managerPrefix: string, statPrefix: string) {
    const own = statPrefix === '' ? '' : `${statPrefix}.`;
    const counter = (name: string): Counter =>
      runtime.counters.counter(`http.${managerPrefix}.jwt_authn.${own}${name}`);
    this.allowed = counter('allowed');
    this.denied = counter('denied');
    this.preflights = counter('cors_preflight_bypassed');
    this.fetched = counter('jwks_fetch_success');
    this.fetchFailed = counter('jwks_fetch_failed');
    this.cacheHit = counter('jwt_cache_hit');
    this.cacheMiss = counter('jwt_cache_miss');
  }
}
