/** The xDS transport protocol of one stream as a state machine. */
export { isWholeSet, pushed, type Protocol, type Push } from './push.ts';
export { cleanReason, type Rejection } from './rejection.ts';
export type * from './request.ts';
export * from './subscription.ts';
export type { Leftover, Phase } from './type-state.ts';
