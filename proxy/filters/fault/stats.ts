/** `http.<prefix>.fault.*`, and the same below the name of the calling cluster, for so many callers as are bounded here. */
import type { Exchange } from '../../http/exchange.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';
import type { Ledger } from '../../upstream/ledger.ts';

/** The names come from requests. */
const MOST_CALLERS = 64;

export class FaultStats {
  readonly #active: Counter;
  /** Where the process counts active faults; undefined: this engine is alone. */
  readonly #ledger: Ledger | undefined;
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
    this.#active = runtime.counters.gauge(`${this.#prefix}active_faults`);
    this.#ledger = runtime.limits?.faults(statPrefix);
    this.overflow = this.#counter('faults_overflow');
    this.slowed = this.#counter('response_rl_injected');
    this.#delays = this.#counter('delays_injected');
    this.#aborts = this.#counter('aborts_injected');
  }

  /** Faults at work with this prefix, of the whole process. */
  get active(): number {
    return this.#ledger?.total(0) ?? this.#active.value;
  }

  /** Takes a place below `limit`; false: there is none. */
  begin(limit: number): boolean {
    const taken = this.#ledger?.take(0, limit) ?? this.#active.value < limit;
    if (taken) this.#active.add(1);
    return taken;
  }

  ended(): void {
    this.#ledger?.give(0);
    this.#active.add(-1);
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
