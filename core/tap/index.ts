/** Tap: what is shown of single exchanges on request, the same for every engine. */
export { matchesTap, TapGate } from './gate.ts';
export type { TapRecord, TapRequest } from './record.ts';
export * from './shown.ts';
