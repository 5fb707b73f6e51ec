export * from './frames.ts';
export * from './peer.ts';
