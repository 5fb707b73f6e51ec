/** The agent of one workload. */
export { AgentError, type AgentErrorCode } from '../errors.ts';
export type { AdsSession } from '../local-socket/index.ts';
export type { Secret, SecretListener } from '../secrets/index.ts';
export type { TokenVerifier } from '../workload-api/index.ts';
export { Agent } from './agent.ts';
export type { AgentEvents, AgentOptions, Membership } from './options.ts';
