/** Tracing of one connection manager: what is decided about each request when it is routed, and what its routes say over it. */
import type { CustomTag, Fraction, HttpConnectionManager, Tracing } from '@weft/core/proxy-config';
import type { Exchange } from '../http/exchange.ts';
import type { Counter, EngineRuntime } from '../ports.ts';
import type { RoutePlan } from '../router/route-plan.ts';
import { compileText } from '../telemetry/access-log.ts';
import { ExchangeTrace } from './exchange-trace.ts';
import { type Shares, traceReason, type TraceReason } from './reason.ts';
import { type CompiledTag, compileTags } from './tags.ts';
import type { Tracer } from './tracer.ts';

/** What counts for the requests of one route. */
export interface TracePlan {
  readonly shares: Shares;
  readonly tags: readonly CompiledTag[];
  readonly kind: 'server' | 'client';
  readonly spawnsUpstream: boolean;
  readonly propagatesContext: boolean;
  readonly maxPath: number;
  /** The decorator's name; '': none. */
  readonly decorated: string;
  readonly propagates: boolean;
  /** Undefined: as the tracer names spans. */
  readonly operation: ((exchange: Exchange) => string) | undefined;
  readonly upstreamOperation: ((exchange: Exchange) => string) | undefined;
}

const ROLLS = 10_000;

const share = (percent: number, runtimeKey: string): Fraction => ({
  numerator: Math.round((percent * ROLLS) / 100),
  denominator: ROLLS,
  runtimeKey,
});

const named = (fraction: Fraction, runtimeKey: string): Fraction => ({ ...fraction, runtimeKey });

export class ManagerTracing {
  readonly #row: Tracing;
  readonly #ids: HttpConnectionManager['requestIds'];
  readonly #egress: boolean;
  readonly #tracer: Tracer | undefined;
  readonly #runtime: EngineRuntime;
  readonly #own: TracePlan;
  readonly #ofRoutes = new WeakMap<RoutePlan, TracePlan>();
  readonly #counts: Readonly<Record<TraceReason, Counter>>;
  readonly #report: (fault: string) => void;

  /** Throws when the connection manager's own words cannot be compiled. */
  constructor(
    row: Tracing,
    { requestIds, statPrefix }: Pick<HttpConnectionManager, 'requestIds' | 'statPrefix'>,
    egress: boolean,
    tracer: Tracer | undefined,
    runtime: EngineRuntime,
    report: (fault: string) => void,
  ) {
    this.#row = row;
    this.#ids = requestIds;
    this.#egress = egress;
    this.#tracer = tracer;
    this.#runtime = runtime;
    this.#report = report;
    this.#own = this.#plan(undefined);
    const count = (reason: string): Counter => runtime.counters.counter(`http.${statPrefix}.tracing.${reason}`);
    this.#counts = {
      not_traceable: count('not_traceable'),
      random_sampling: count('random_sampling'),
      service_forced: count('service_forced'),
      client_enabled: count('client_enabled'),
    };
    // Counted by Envoy where health checks are known before requests are routed, which they never are.
    count('health_check');
  }

  /** Of a request whose route is known, before filters see it. */
  begin(exchange: Exchange): void {
    const plan = exchange.plan === undefined ? this.#own : this.#planOf(exchange.plan);
    const { edit } = exchange.head;
    const reason = traceReason(edit, plan.shares, this.#ids, this.#runtime.values.current);
    this.#counts[reason].add(1);
    const tracer = this.#tracer;
    if (tracer === undefined) return;
    const identity = tracer.identify(exchange, plan.kind, reason !== 'not_traceable');
    exchange.trace = new ExchangeTrace(exchange, tracer, plan, this.#egress, identity);
  }

  #planOf(route: RoutePlan): TracePlan {
    const { tracing, decorator } = route.compiled.route;
    if (tracing === undefined && decorator === undefined) return this.#own;
    let plan = this.#ofRoutes.get(route);
    if (plan === undefined) {
      try {
        plan = this.#plan(route.compiled.route);
      } catch (error) {
        this.#report(`route ${route.compiled.route.name}: ${error instanceof Error ? error.message : String(error)}`);
        plan = this.#own;
      }
      this.#ofRoutes.set(route, plan);
    }
    return plan;
  }

  #plan(route: Pick<RoutePlan['compiled']['route'], 'tracing' | 'decorator'> | undefined): TracePlan {
    const row = this.#row;
    const said = route?.tracing;
    return {
      shares:
        said === undefined
          ? {
              client: share(row.clientSampling, 'tracing.client_enabled'),
              random: share(row.randomSampling, 'tracing.random_sampling'),
              overall: share(row.overallSampling, 'tracing.global_enabled'),
            }
          : {
              client: named(said.clientSampling, 'tracing.client_enabled'),
              random: named(said.randomSampling, 'tracing.random_sampling'),
              overall: named(said.overallSampling, 'tracing.global_enabled'),
            },
      tags: compileTags(merged(row.customTags, said?.customTags ?? [])),
      kind: this.#egress && !row.spawnUpstreamSpan ? 'client' : 'server',
      spawnsUpstream: row.spawnUpstreamSpan,
      propagatesContext: !row.noContextPropagation,
      maxPath: row.maxPathTagLength,
      decorated: route?.decorator?.operation ?? '',
      propagates: route?.decorator?.propagate ?? false,
      operation: compileName(said?.operation || row.operation),
      upstreamOperation: compileName(said?.upstreamOperation || row.upstreamOperation),
    };
  }
}

function merged(tags: readonly CustomTag[], over: readonly CustomTag[]): readonly CustomTag[] {
  const names = new Set(over.map(({ name }) => name));
  return [...tags.filter(({ name }) => !names.has(name)), ...over];
}

const compileName = (format: string): TracePlan['operation'] =>
  format === '' ? undefined : compileText({ kind: 'text', text: format });
