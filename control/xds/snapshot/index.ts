/** Snapshots: what a client is to hold, as bytes with content versions. */
export * from './name-set.ts';
export * from './resource-set.ts';
export * from './resource.ts';
export * from './snapshot.ts';
