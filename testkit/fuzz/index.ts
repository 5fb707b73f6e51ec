import { GRPC_TARGETS } from './grpc-target.ts';
import { HTTP2_TARGETS } from './http2-target.ts';
import { type Target, TARGETS as DECODERS } from './targets.ts';

export { readCorpus, writeCorpus } from './corpus.ts';
export { faultOf, fuzz } from './driver.ts';
export type { Target };

export const TARGETS: readonly Target[] = [...DECODERS, ...HTTP2_TARGETS, ...GRPC_TARGETS];
