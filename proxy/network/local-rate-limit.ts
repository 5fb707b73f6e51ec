/** The network filter envoy.filters.network.local_ratelimit: so many new connections as the bucket has tokens, the others are closed. */
import type { NetworkFilter } from '@weft/core/proxy-config';
import type { MonotonicClock } from '@weft/core/kernel';
import { type Bucket, TokenBucket } from '../filters/local-rate-limit/bucket.ts';
import { SharedTokenBucket } from '../filters/local-rate-limit/shared-bucket.ts';
import type { Counter, EngineRuntime } from '../ports.ts';
import type { Registry } from '../telemetry/registry.ts';
import { StatScope } from '../telemetry/scope.ts';
import type { NetworkFilterRuntime, NetworkVerdict } from './filter.ts';

export class LocalRateLimit implements NetworkFilterRuntime {
  readonly #bucket: Bucket | undefined;
  readonly #clock: MonotonicClock;
  readonly #limited: Counter;

  constructor(conf: Extract<NetworkFilter, { kind: 'local-rate-limit' }>, registry: Registry, runtime: EngineRuntime) {
    const { clock, limits } = runtime;
    const shared = limits?.buckets(conf);
    if (conf.enabled)
      this.#bucket =
        shared === undefined ? new TokenBucket(conf.bucket) : new SharedTokenBucket(conf.bucket, shared, 0);
    this.#clock = clock;
    const scope = new StatScope(registry, `local_rate_limit.${conf.statPrefix}.`, 'envoy_local_rate_limit_', [
      ['envoy_local_ratelimit_prefix', conf.statPrefix],
    ]);
    this.#limited = scope.counter('rate_limited');
  }

  opened(): NetworkVerdict {
    if (this.#bucket === undefined || this.#bucket.take(this.#clock.now())) return 'continue';
    this.#limited.add(1);
    return 'close';
  }

  judgeAgain(): NetworkVerdict {
    return 'continue';
  }

  closed(): void {}
}
