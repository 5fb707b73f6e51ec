export { type Answer, answerOf } from './answer-payload.ts';
export { AnswerRing } from './answers.ts';
export { presentBackends } from './backends.ts';
export { type Payload, payloadOf, readPayloads } from './payload.ts';
export { type PathReport, RING_PATHS, type RingPath, runPath } from './paths.ts';
export { Ring } from './ring.ts';
export { startNaiveProxy } from './naive.ts';
