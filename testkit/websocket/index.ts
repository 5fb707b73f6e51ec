export * from './ends.ts';
export * from './frames.ts';
