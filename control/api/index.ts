/** The REST API: verbs on objects (Resources), who may what, and the server. The client is `@weft/control/api/client`. */
export * from './admission/cluster-ips.ts';
export type { FieldValidation } from './admission/validate.ts';
export * from './auth/authenticator.ts';
export * from './auth/tokens.ts';
export * from './auth/user.ts';
export * from './catalog.ts';
export * from './defaults.ts';
export * from './extra-route.ts';
export { type Answer, answer, type Call, type Outcome, Pieces, refuse } from './handlers/call.ts';
export { type JsonObject, mergePatch } from './patch/merge-patch.ts';
export { readJson, readText } from './request/body.ts';
export * from './resources.ts';
export * from './server.ts';
export {
  badRequest,
  notFound,
  type Status,
  type StatusCause,
  type StatusDetails,
  tooManyRequests,
  unavailable,
} from './status.ts';
