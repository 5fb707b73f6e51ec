/** What an agent tells the control plane of its proxy's traffic. */
export { EngineLog, type EngineLogOptions } from './engine-log.ts';
export type { ObservedProxy } from './proxy.ts';
export { SpanRelay } from './span-relay.ts';
export { ObserveUplink, type ObserveOptions } from './uplink.ts';
