/** Running workloads: their agents' streams, leases, liveness, and which xDS node is whose. */
export { agentMethods, type AgentServiceOptions, callFailure } from './agent-service.ts';
export * from './leases.ts';
export * from './node-binding.ts';
export { NAME_ANNOTATION, REGISTRATION_ANNOTATION } from './objects.ts';
export * from './registry.ts';
