/** `http.<prefix>.fault.*`, and the same below the name of the calling cluster, for so many callers as are bounded here. */
import type { Exchange } from '../../http/exchange.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';

/** The names come from requests. */
const MOST_CALLERS = 64;

export class FaultStats {
  readonly active: Counter;
  readonly overflow: Counter;
  readonly slowed: Counter;
  readonly #delays: Counter;
  readonly #aborts: Counter;
  readonly #runtime: EngineRuntime;
  readonly #prefix: string;
  readonly #callers = new Set<string>();

  constructor(runtime: EngineRuntime, statPrefix: string) {
    this.#runtime = runtime;
    this.#prefix = `http.${statPrefix}.fault.`;
    this.active = runtime.counters.gauge(`${this.#prefix}active_faults`);
    this.overflow = this.#counter('faults_overflow');
    this.slowed = this.#counter('response_rl_injected');
    this.#delays = this.#counter('delays_injected');
    this.#aborts = this.#counter('aborts_injected');
  }

  delayed(exchange: Exchange, perCaller: boolean): void {
    this.#delays.add(1);
    if (perCaller) this.#countCaller(exchange, 'delays_injected');
  }

  aborted(exchange: Exchange, perCaller: boolean): void {
    this.#aborts.add(1);
    if (perCaller) this.#countCaller(exchange, 'aborts_injected');
  }

  #countCaller({ head }: Exchange, stat: string): void {
    const caller = head.header('x-envoy-downstream-service-cluster') ?? '';
    if (!/^[\w-]{1,64}$/.test(caller)) return;
    if (!this.#callers.has(caller) && this.#callers.size >= MOST_CALLERS) return;
    this.#callers.add(caller);
    this.#counter(`${caller}.${stat}`).add(1);
  }

  #counter(stat: string): Counter {
    return this.#runtime.counters.counter(this.#prefix + stat);
  }
}
