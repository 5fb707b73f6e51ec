/** Tap: what is shown of single exchanges on request, the same for every engine. */
export { matchesTap, TapGate } from './gate.ts';
export { isTelling, isTellingConnection, KeepGate } from './keep.ts';
export type { Entered, TapRecord, TapRequest } from './record.ts';
export * from './shown.ts';
