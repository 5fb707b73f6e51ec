export * from './attack.ts';
export * from './bootstrap.ts';
export * from './conversation.ts';
export * from './judge.ts';
export * from './observe.ts';
export * from './recorder.ts';
export * from './run.ts';
export * from './use-chain.ts';
