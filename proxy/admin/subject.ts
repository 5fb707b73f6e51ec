/** What the admin pages are about: one engine, or the engines of several threads that are one proxy. */
import type { Listener, ProxyConfig } from '@weft/core/proxy-config';
import type { Engine, EngineState } from '../engine/engine.ts';
import type { TlsMaterial } from '../transport/index.ts';
import type { EngineReport } from './report.ts';

export interface AdminSubject {
  readonly state: EngineState;
  /** ms since its start. */
  readonly age: number;
  /** Of a process that took over from others: how many, and when the first of them started (Unix ms). */
  readonly epochs?: { readonly epoch: number; readonly firstStart: number };
  /** Threads that serve. */
  readonly concurrency: number;
  readonly config: ProxyConfig;
  readonly material: TlsMaterial;
  /** Unix ms. */
  readonly now: number;
  /** Of all engines together. Rejects never: an engine that does not answer in time is left out. */
  report(): EngineReport | Promise<EngineReport>;
  reopenLogs(): void;
  /** Counters of every engine begin at 0 again. */
  resetCounters(): void;
  /** Every engine knows it when it resolves. */
  failHealth(failing: boolean): void | Promise<void>;
  drain(timeoutMs: number, direction?: Listener['direction'], passedOn?: boolean): Promise<number>;
}

export const engineSubject = (engine: Engine): AdminSubject => ({
  get state() {
    return engine.state;
  },
  get age() {
    return engine.runtime.clock.now() - engine.startedAt;
  },
  concurrency: 1,
  get config() {
    return engine.config;
  },
  material: engine.material,
  get now() {
    return engine.runtime.wall.now();
  },
  report: async () => (await import('./report.ts')).reportOf(engine),
  reopenLogs: () => engine.telemetry.accessLogs.reopen(),
  resetCounters: () => engine.telemetry.registry.resetCounters(),
  failHealth: (failing) => engine.failHealth(failing),
  drain: (timeoutMs, direction, passedOn) => engine.drain(timeoutMs, direction, passedOn),
});
