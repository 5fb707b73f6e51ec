export * from './bootstrap.ts';
export * from './certificates.ts';
export * from './run.ts';
