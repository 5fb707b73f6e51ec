/** The SPIFFE Workload API, both ends. */
export * from './client.ts';
export * from './service.ts';
