export { presentBackends } from './backends.ts';
export { type Payload, payloadOf, payloadText, readPayloads } from './payload.ts';
export { type Disagreement, type Front, type Report, Ring } from './ring.ts';
export { startNaiveProxy } from './naive.ts';
