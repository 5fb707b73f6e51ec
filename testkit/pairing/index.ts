export * from './backend.ts';
export * from './bootstrap.ts';
export * from './certificates.ts';
export * from './client.ts';
export * from './pattern.ts';
export * from './run.ts';
