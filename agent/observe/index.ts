/** What an agent tells the control plane of its proxy's traffic. */
export type { ObservedProxy } from './proxy.ts';
export { ObserveUplink, type ObserveOptions } from './uplink.ts';
