/** Where the engine accepts. */
export { type ChainParts, ChainRuntime } from './chain-runtime.ts';
export { datagramKey, DatagramSocket } from './datagram-socket.ts';
export { Inheritance, type PassedSocket, passKey } from './inheritance.ts';
export { InternalConnections, InternalSocket } from './internal.ts';
export { ListenerRuntime, type ListenerSetting, statLabel } from './listener-runtime.ts';
export { type Claim, claimPort } from './port-claim.ts';
export { addressKey, ListeningSocket, type SharedBinding } from './socket-table.ts';
