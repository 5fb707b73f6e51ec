export * from './case.ts';
export * from './judge.ts';
export * from './run.ts';
export { withPorts } from './bootstrap.ts';
