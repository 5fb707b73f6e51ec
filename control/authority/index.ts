/** The authority: certificates, join tokens, registrations, refusals. */
export * from './authority.ts';
export * from './credentials.ts';
export * from './errors.ts';
export { INTERNAL_GROUP, JoinTokens, type NewToken, type Registration } from './join-tokens.ts';
export * from './refusals.ts';
export * from './root-rotation.ts';
