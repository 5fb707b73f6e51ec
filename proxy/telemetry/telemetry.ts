/** All that one engine counts and logs of its exchanges. */
import type { WallClock } from '@weft/core/kernel';
import type { AccessLog } from '@weft/core/proxy-config';
import type { AccessLogger, Counter, EngineCounters, ExchangeRecord, RecordSink } from '../ports.ts';
import type { SelfIdentity } from './request-metrics.ts';
import { type LabelPairs, Registry } from './registry.ts';

export class Telemetry implements RecordSink, EngineCounters {
  readonly registry = new Registry();

  constructor(_wall: WallClock, _self: SelfIdentity | undefined) {}

  exchangeEnded(record: ExchangeRecord, logs: readonly AccessLogger[]): void {
    for (const log of logs) log.log(record);
  }

  counter(name: string, labels: LabelPairs = []): Counter {
    return this.registry.counter(
      `envoy_${name.replace(/[^a-zA-Z0-9_]/g, '_')}`,
      labels,
      labels.length === 0 ? name : '',
    );
  }

  accessLoggers(_logs: readonly AccessLog[]): readonly AccessLogger[] {
    return [];
  }

  observeServer(uptime: () => number, state: () => string, connections: () => number): void {
    this.registry.observed('envoy_server_uptime', 'gauge', [], 'server.uptime', () => Math.floor(uptime()));
    this.registry.observed('envoy_server_live', 'gauge', [], 'server.live', () => Number(state() === 'live'));
    this.registry.observed('envoy_server_total_connections', 'gauge', [], 'server.total_connections', connections);
  }

  applied(_whole: boolean): void {}

  stop(): void {}
}
