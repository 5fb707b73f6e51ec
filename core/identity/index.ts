/** SPIFFE identities as values: forms and matching. Certificates and keys are the authority's and the agent's. */
export * from './pattern.ts';
export * from './spiffe-id.ts';
export * from './workload-identity.ts';
