/** Metrics of the control plane and of what its proxies count, pushed to collectors by OpenTelemetry's protocol. */
export { collectorClient, type OtlpCollector } from './client.ts';
export { MetricsPush, type PushHealth } from './metrics-push.ts';
export { TrafficTotals } from './traffic-totals.ts';
