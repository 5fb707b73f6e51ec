/** TLS on both sides of the engine, and where its secrets come from. */
export { DownstreamTls, type DownstreamTlsConf, type Handshake } from './downstream-tls.ts';
export { MissingSecret, secretNames, TlsMaterial } from './material.ts';
export { MemorySecrets } from './memory-secrets.ts';
export type { TlsPeer } from './peer.ts';
export { ENVOY_STAT, type TlsRefusal } from './refusal.ts';
export { resetSocket } from './reset.ts';
export { UpstreamContexts, UpstreamTls } from './upstream-tls.ts';
