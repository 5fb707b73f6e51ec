/**
 * envoy.extensions.filters.http.cors.v3: cross-origin requests of browsers, after the policies of route, virtual host and table. What a policy
 * leaves out the next less specific one says.
 */
import { compileString, type StringPredicate } from '@weft/core/decide';
import type { CorsPolicy, Fraction } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { AnswerHeaders } from '../../http/own-answer.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';
import { ResponseFlag } from '../../response-flags.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, type HttpFilter, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { takes } from '../fraction.ts';
import type { FilterMaker } from '../index.ts';

const NEVER: Fraction = { numerator: 0, denominator: 100 };

export class CorsFilter implements HttpFilter {
  readonly #runtime: EngineRuntime;
  readonly #enabled: Fraction;
  readonly #shadow: Fraction;
  readonly #origins: readonly StringPredicate[];
  readonly #methods: string;
  readonly #headers: string;
  readonly #exposed: string;
  readonly #maxAge: string;
  readonly #credentials: boolean;
  readonly #privateNetworks: boolean;
  readonly #forwardsPreflights: boolean;
  readonly #valid: Counter;
  readonly #invalid: Counter;

  /** `policies`: the most specific first. */
  constructor(
    policies: readonly CorsPolicy[],
    runtime: EngineRuntime,
    statPrefix: string,
    report: (fault: string) => void,
  ) {
    const text = (read: (policy: CorsPolicy) => string): string => policies.map(read).find((one) => one !== '') ?? '';
    const flag = (read: (policy: CorsPolicy) => boolean | undefined): boolean | undefined =>
      policies.map(read).find((one) => one !== undefined);
    this.#runtime = runtime;
    this.#enabled = policies[0]?.enabled ?? NEVER;
    this.#shadow = policies[0]?.shadow ?? NEVER;
    const { allowOrigins = [] } = policies.find(({ allowOrigins: origins }) => origins.length > 0) ?? {};
    const any = allowOrigins.some((origin) => compileString(origin, report)('*'));
    this.#origins = any ? [() => true] : allowOrigins.map((origin) => compileString(origin, report));
    this.#methods = text(({ allowMethods }) => allowMethods);
    this.#headers = text(({ allowHeaders }) => allowHeaders);
    this.#exposed = text(({ exposeHeaders }) => exposeHeaders);
    this.#maxAge = text(({ maxAge }) => maxAge);
    this.#credentials = flag(({ allowCredentials }) => allowCredentials) ?? false;
    this.#privateNetworks = flag(({ allowPrivateNetworkAccess }) => allowPrivateNetworkAccess) ?? false;
    this.#forwardsPreflights = flag(({ forwardNotMatchingPreflights }) => forwardNotMatchingPreflights) ?? true;
    this.#valid = runtime.counters.counter(`http.${statPrefix}.cors.origin_valid`);
    this.#invalid = runtime.counters.counter(`http.${statPrefix}.cors.origin_invalid`);
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    if (exchange.plan?.forward === undefined) return CONTINUE;
    const { head } = exchange;
    const enabled = takes(this.#enabled, this.#runtime);
    if (!enabled && !takes(this.#shadow, this.#runtime)) return CONTINUE;
    const origin = head.header('origin') ?? '';
    if (origin === '') return CONTINUE;
    const allowed = this.#origins.some((test) => test(origin));
    (allowed ? this.#valid : this.#invalid).add(1);
    if (!enabled) return CONTINUE;
    if (allowed) run.join(index, new CorsExchange(origin, this.#credentials, this.#exposed));
    if (head.method !== 'OPTIONS' || (head.header('access-control-request-method') ?? '') === '') return CONTINUE;
    if (!allowed && this.#forwardsPreflights) return CONTINUE;
    exchange.decide(200, '', ResponseFlag.none, 'cors_response', this.#preflight(exchange, allowed ? origin : ''));
    return ANSWERED;
  }

  /** What a browser is told before it sends the request itself. */
  #preflight({ head }: Exchange, origin: string): AnswerHeaders {
    const said: (readonly [string, string])[] = [];
    const say = (name: string, value: string): void => {
      if (value !== '') said.push([name, value]);
    };
    say('access-control-allow-origin', origin);
    if (this.#credentials) say('access-control-allow-credentials', 'true');
    const asked = (name: string): string => head.header(name) ?? '';
    say('access-control-allow-methods', this.#methods === '*' ? asked('access-control-request-method') : this.#methods);
    say(
      'access-control-allow-headers',
      this.#headers === '*' ? asked('access-control-request-headers') : this.#headers,
    );
    say('access-control-max-age', this.#maxAge);
    if (this.#privateNetworks && asked('access-control-request-private-network') === 'true')
      say('access-control-allow-private-network', 'true');
    return said;
  }
}

/** One exchange of an origin that is allowed. */
class CorsExchange implements StreamFilter {
  readonly #origin: string;
  readonly #credentials: boolean;
  readonly #exposed: string;

  constructor(origin: string, credentials: boolean, exposed: string) {
    this.#origin = origin;
    this.#credentials = credentials;
    this.#exposed = exposed;
  }

  onAnswer({ response }: Exchange): void {
    response.set('access-control-allow-origin', this.#origin);
    if (this.#credentials) response.set('access-control-allow-credentials', 'true');
    if (this.#exposed !== '') response.set('access-control-expose-headers', this.#exposed);
  }
}

export const make: FilterMaker<'cors'> = (_row, overrides, { runtime, statPrefix, report }) =>
  new CorsFilter(overrides, runtime, statPrefix, report);
