/** The plane: from stored objects and liveness to what each connected proxy is to do, and back into objects' status. */
export * from './object-set.ts';
export * from './plane.ts';
export * from './programmed.ts';
export * from './status-writer.ts';
export * from './gateway-material.ts';
export { ChangeLog } from './change-log.ts';
