/** The memoising compiler: the entry point for whoever compiles more than once. */
export * from './compiler.ts';
export * from './engine.ts';
export * from './query.ts';
