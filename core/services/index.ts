/**
 * What the engine's filters ask services, and are told, in our words: the engine knows these records, envoy/services their messages, and
 * apps bring the two together. Plain data; nothing here decides.
 */
import type { CheckQuestion, CheckVerdict } from './authorization.ts';

export * from './authorization.ts';

/** The messages of services as octets. A message that cannot be read is undefined: the service answered with something else. */
export interface ServiceMessages {
  /** envoy.service.auth.v3.CheckRequest */
  checkRequest(question: CheckQuestion): Uint8Array;
  /** envoy.service.auth.v3.CheckResponse */
  checkVerdict(bytes: Uint8Array): CheckVerdict | undefined;
}
