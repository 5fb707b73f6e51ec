/** The messages between agent and control plane, read strictly. No transport, no key material. */
export * from './attach.ts';
export * from './credentials.ts';
export * from './limits.ts';
export * from './observe.ts';
export * from './service.ts';
export * from './token.ts';
export * from './workload.ts';
