/** The store: its port, the key order, and what every implementation shares. Implementations: store/memory, store/sqlite. */
export * from './compactor.ts';
export * from './key.ts';
export * from './port.ts';
export { frozenChange, nameOf, settle, wholeSeconds } from './settle.ts';
