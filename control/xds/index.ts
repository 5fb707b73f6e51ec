/** The control plane's xDS v3 server: snapshots of configurations, subscriptions, streams. */
export type { StreamError, StreamErrorCode } from './errors.ts';
export * from './server/index.ts';
export type { EncodedRow, Inexpressible, ResourceType, RowEncoder, RowEncoders } from './snapshot/index.ts';
export type { Phase, Protocol, Rejection } from './subscription/index.ts';
