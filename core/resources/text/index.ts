/** Reading objects from YAML and JSON text, and finding fields in it again. Apart from the kinds: it loads the YAML library. */
export type { Position } from './layout.ts';
export * from './limits.ts';
export * from './locate.ts';
export * from './read-document.ts';
export * from './read.ts';
export * from './write.ts';
