export * from './bootstrap.ts';
export * from './certificates.ts';
