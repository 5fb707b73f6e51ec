/** ADS between local clients and the control plane. */
export { AdsCache } from './cache.ts';
export { resourceName } from './resource-name.ts';
export { type LocalClient, type RelayEvents, RelaySession, type SessionParts, type Uplink } from './session.ts';
