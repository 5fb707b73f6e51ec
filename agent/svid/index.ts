/** The workload's own certificate: key, request, renewal. */
export * from './renewal.ts';
export * from './svid.ts';
