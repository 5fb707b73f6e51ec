export * from './case.ts';
export * from './guarded.ts';
export * from './judge.ts';
export * from './objects.ts';
