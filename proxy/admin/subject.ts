/** What the admin pages are about: one engine, or the engines of several threads that are one proxy. */
import type { Listener, ProxyConfig } from '@weft/core/proxy-config';
import type { TapRecord, TapRequest } from '@weft/core/tap';
import type { TrafficTable } from '@weft/core/traffic';
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
  /** Who called whom, of all engines together; what other threads counted comes within a second. */
  readonly traffic: TrafficTable;
  /** Unix ms. */
  readonly now: number;
  /** Of all engines together. Rejects never: an engine that does not answer in time is left out. */
  report(): EngineReport | Promise<EngineReport>;
  /** Shows exchanges as they end until it is closed; `missed` counts those that matched and were too many. */
  tap(request: TapRequest, shown: (record: TapRecord) => void, missed: (count: number) => void): { close(): void };
  reopenLogs(): void;
  /** Counters of every engine begin at 0 again; traffic goes on. */
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
  traffic: engine.telemetry.traffic,
  get now() {
    return engine.runtime.wall.now();
  },
  report: async () => (await import('./report.ts')).reportOf(engine),
  tap: (request, shown, missed) => engine.telemetry.tap(request, shown, missed),
  reopenLogs: () => engine.telemetry.accessLogs.reopen(),
  resetCounters: () => engine.telemetry.registry.resetCounters(),
  failHealth: (failing) => engine.failHealth(failing),
  drain: (timeoutMs, direction, passedOn) => engine.drain(timeoutMs, direction, passedOn),
});
