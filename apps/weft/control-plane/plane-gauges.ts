/** The control plane's own values, told to the store of time series with every sample. Names as on `/metrics`. */
import type { Gauge } from '@weft/control/series';
import type { ProxyDocument } from '@weft/core/documents';
import type { XdsServer } from '@weft/control/xds';
import type { PlaneMetrics } from './metrics.ts';

export interface PlaneValues {
  readonly metrics: PlaneMetrics;
  readonly xds: Pick<XdsServer, 'clients'>;
  readonly proxies: readonly ProxyDocument[];
}

export function planeGauges({ metrics, xds, proxies }: PlaneValues): Gauge[] {
  const states = new Map<string, number>();
  for (const { state } of proxies) states.set(state, (states.get(state) ?? 0) + 1);
  const { user, system } = process.cpuUsage();
  return [
    ...[...states].map(([state, value]) => ({ name: 'weft_proxies', labels: [['state', state]] as const, value })),
    ...metrics.counts().map(({ name, type, value }) => ({
      name,
      labels: type === '' ? [] : [['type', type] as const],
      value,
    })),
    { name: 'pilot_xds', labels: [], value: xds.clients().length },
    { name: 'process_cpu_seconds_total', labels: [], value: (user + system) / 1e6 },
    { name: 'process_resident_memory_bytes', labels: [], value: process.memoryUsage.rss() },
  ];
}
