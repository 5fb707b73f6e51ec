/** What the control plane's stores of what agents tell take in memory, for its metrics. */
import type { LiveTraffic, ObserveService, RecentRequests } from '@weft/control/observe';
import type { StoreHealth } from '@weft/control/series';
import type { StoreState } from './metrics.ts';
import type { OtlpMetrics } from './otlp-metrics.ts';

export interface Stores {
  readonly traffic: LiveTraffic;
  readonly observe: ObserveService;
  /** undefined: no requests are kept. */
  readonly recent: RecentRequests | undefined;
  /** undefined: there is no store of time series, or it has not told yet. */
  readonly series: StoreHealth | undefined;
  readonly otlp: OtlpMetrics;
}

export function storeStates({ traffic, observe, recent, series, otlp }: Stores): StoreState[] {
  const { described, traces } = observe;
  const table = traffic.health;
  const spans = traces.health;
  const states: StoreState[] = [
    { store: 'traffic', octets: table.octets, room: traffic.room, dropped: table.overflow },
    { store: 'described-edges', octets: described.octets, room: described.room, dropped: described.gaveWay },
    { store: 'traces', octets: spans.octets, room: traces.room, dropped: spans.forgotten + spans.missed },
    { store: 'otlp', octets: otlp.store.octets, room: otlp.store.room, dropped: otlp.health.overflow },
  ];
  if (recent !== undefined) {
    const { rooms, keeping } = recent;
    states.push(
      { store: 'requests', octets: keeping.octets, room: rooms.requests, dropped: keeping.missed },
      {
        store: 'request-kinds',
        octets: keeping.shapesOctets,
        room: rooms.shapes,
        dropped: keeping.shapesForgotten,
      },
    );
  }
  if (series !== undefined)
    states.push({ store: 'series', octets: series.labelOctets, room: series.labelsRoom, dropped: series.dropped });
  return states;
}
