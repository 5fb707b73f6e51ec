/** A provider at work: its keys, what it asks of a token besides a signature, and the tokens it has seen. */
import { compileString, type StringPredicate } from '@weft/core/decide';
import type { JwtProvider } from '@weft/core/proxy-config';
import { type JwkSet, type Jwt, type JwtStatus, parseJwkSet, timeFault } from '../../jwt/index.ts';
import { readTextSource } from '../../text-source.ts';
import { Audiences } from './audiences.ts';
import { TokenCache } from './token-cache.ts';

export class ProviderRuntime {
  readonly row: JwtProvider;
  readonly cache: TokenCache | undefined;
  readonly #audiences: Audiences;
  readonly #subject: StringPredicate | undefined;
  readonly #keys: JwkSet | undefined;

  /** A set that cannot be used is told to `report`, and every token is refused. */
  constructor(row: JwtProvider, report: (fault: string) => void) {
    this.row = row;
    this.cache = row.cache === undefined ? undefined : new TokenCache(row.cache.tokens, row.cache.longest);
    this.#audiences = new Audiences(row.audiences);
    const say = (fault: string): void => report(`provider ${row.name}: ${fault}`);
    this.#subject = row.subjects === undefined ? undefined : compileString(row.subjects, say);
    this.#keys = localKeys(row, say);
  }

  get keys(): JwkSet | undefined {
    return this.#keys;
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

function localKeys({ keys }: JwtProvider, report: (fault: string) => void): JwkSet | undefined {
  const read = readTextSource(keys.source);
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
