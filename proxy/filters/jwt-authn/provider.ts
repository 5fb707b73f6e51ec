/** A provider at work: its keys, what it asks of a token besides a signature, and the tokens it has seen. */
import { compileString, type StringPredicate } from '@weft/core/decide';
import type { JwtProvider, TextSource } from '@weft/core/proxy-config';
import { type JwkSet, type Jwt, type JwtStatus, parseJwkSet, timeFault } from '../../jwt/index.ts';
import { readTextSource } from '../../text-source.ts';
import type { ServiceCalls } from '../../calls/index.ts';
import type { EngineRuntime } from '../../ports.ts';
import { Audiences } from './audiences.ts';
import { RemoteKeys } from './remote-keys.ts';
import type { JwtStats } from './stats.ts';
import { TokenCache } from './token-cache.ts';

export interface ProviderParts {
  readonly runtime: EngineRuntime;
  readonly calls: ServiceCalls;
  readonly report: (fault: string) => void;
}

export class ProviderRuntime {
  readonly row: JwtProvider;
  readonly cache: TokenCache | undefined;
  readonly #audiences: Audiences;
  readonly #subject: StringPredicate | undefined;
  readonly #local: JwkSet | undefined;
  /** Undefined: the keys are in the configuration. */
  readonly remote: RemoteKeys | undefined;

  /** A set that cannot be used is told to `report`, and every token is refused. */
  constructor(row: JwtProvider, { runtime, calls, report }: ProviderParts, stats: JwtStats) {
    this.row = row;
    this.cache = row.cache === undefined ? undefined : new TokenCache(row.cache.tokens, row.cache.longest);
    this.#audiences = new Audiences(row.audiences);
    const say = (fault: string): void => report(`provider ${row.name}: ${fault}`);
    this.#subject = row.subjects === undefined ? undefined : compileString(row.subjects, say);
    const { keys } = row;
    this.#local = keys.kind === 'local' ? localKeys(keys.source, say) : undefined;
    this.remote = keys.kind === 'remote' ? new RemoteKeys(keys, runtime, calls, stats, say) : undefined;
  }

  /** Undefined: there are none, or none that are not too old. */
  get keys(): JwkSet | undefined {
    return this.remote === undefined ? this.#local : this.remote.current;
  }

  /** `now`: Unix seconds. */
  claimFault(jwt: Jwt, audiences: Audiences | undefined, now: number): JwtStatus | undefined {
    const { clockSkewSeconds, requireExpiration, maxLifetime } = this.row;
    const time = timeFault(jwt, now, clockSkewSeconds);
    if (time !== undefined) return time;
    if (!(audiences ?? this.#audiences).allow(jwt.audiences)) return 'audience';
    if (this.#subject?.(jwt.subject) === false) return 'failed';
    if (jwt.expires === 0) return requireExpiration || maxLifetime !== undefined ? 'failed' : undefined;
    return maxLifetime !== undefined && (jwt.expires - now) * 1000 >= maxLifetime ? 'failed' : undefined;
  }
}

function localKeys(source: TextSource, report: (fault: string) => void): JwkSet | undefined {
  const read = readTextSource(source);
  if ('fault' in read) {
    report(read.fault);
    return undefined;
  }
  const set = parseJwkSet(Buffer.from(read.text));
  if (typeof set === 'string') {
    report(`its JWK set cannot be used: ${set}`);
    return undefined;
  }
  for (const fault of set.faults) report(`its JWK set, ${fault}`);
  return set;
}
