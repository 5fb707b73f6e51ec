/** The authority: certificates, join tokens, registrations, refusals. */
export * from './authorities.ts';
export * from './authority.ts';
export type { IssuerKind } from './authority-file.ts';
export * from './credentials.ts';
export * from './errors.ts';
export { INTERNAL_GROUP, JoinTokens, type NewToken, type Registration } from './join-tokens.ts';
export { IssuerFiles } from './issuer-files.ts';
export { certificatesOf, type OutsideIssuer } from './outside-issuer.ts';
export * from './refusals.ts';
export type { RotationError, RotationState } from './root-rotation.ts';
export * from './signer.ts';
export * from './spiffe-bundle.ts';
export type { TaintReport } from './taint.ts';
export * from './trust-changes.ts';
