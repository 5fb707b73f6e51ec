export type { RunningEngine } from './batch.ts';
export * from './run.ts';
