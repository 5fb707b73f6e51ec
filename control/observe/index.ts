/** What the mesh's proxies count, in the control plane. */
export { LiveTraffic, type LiveTrafficOptions } from './live-traffic.ts';
export * from './source.ts';
