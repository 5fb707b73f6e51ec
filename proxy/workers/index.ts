/** Engines on several threads. A process with one engine loads none of it. */
export { type PoolOptions, WorkerPool } from './pool.ts';
export { canSharePorts } from './reuse-port.ts';
