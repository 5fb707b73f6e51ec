/** Tracers of one engine, by what they are configured as; loaded with the first connection manager that traces (engine.ts). */
import type { HttpConnectionManager, Tracing } from '@weft/core/proxy-config';
import { ManagerTracing } from './manager-tracing.ts';
import { makeTracer, type Tracer, type TracerParts } from './tracer.ts';

export type { ExchangeTrace } from './exchange-trace.ts';
export type { ManagerTracing } from './manager-tracing.ts';

export class Tracers {
  readonly #parts: TracerParts;
  readonly #tracers = new Map<string, Tracer>();

  constructor(parts: TracerParts) {
    this.#parts = parts;
  }

  /** Throws when what the connection manager says cannot be compiled. */
  manager(
    manager: HttpConnectionManager,
    row: Tracing,
    egress: boolean,
    report: (fault: string) => void,
  ): ManagerTracing {
    return new ManagerTracing(row, manager, egress, this.#tracerOf(row.provider), this.#parts.runtime, report);
  }

  flush(): void {
    for (const tracer of this.#tracers.values()) tracer.flush();
  }

  stop(): void {
    for (const tracer of this.#tracers.values()) tracer.stop();
  }

  #tracerOf(provider: Tracing['provider']): Tracer | undefined {
    if (provider === undefined) return undefined;
    const key = JSON.stringify(provider);
    const tracer = this.#tracers.get(key) ?? makeTracer(provider, this.#parts);
    this.#tracers.set(key, tracer);
    return tracer;
  }
}
