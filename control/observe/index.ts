/** What the mesh's proxies count, in the control plane. */
export { LiveTraffic, type LiveTrafficOptions } from './live-traffic.ts';
export * from './recent/index.ts';
export { ObserveService, type ObserveServiceOptions } from './service.ts';
export * from './source.ts';
export { type TraceQuery, TraceStore } from './trace-store.ts';
