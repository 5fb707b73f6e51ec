export * from './calls.ts';
export * from './case.ts';
export * from './judge.ts';
