/** The only rule of a route of opaque bytes (TCPRoute, TLSRoute, UDPRoute): backends by weight. */
import type { Complete } from '../schema/schema.ts';
import { array, object, required } from '../schema/schema.ts';
import { backendRef } from './backend-ref.ts';
import { ruleName } from './rule-name.ts';

const rule = (what: string) =>
  object({
    name: ruleName,
    backendRefs: required(
      array(backendRef, { minItems: 1, maxItems: 16 }),
      `Where ${what} go, by weight. A backend that does not exist drops its share of them.`,
    ),
  });

export const streamRules = (what: string, why: string) =>
  required(array(rule(what), { minItems: 1, maxItems: 1 }), `Exactly one rule: ${why}.`);

export type StreamRule = Complete<ReturnType<typeof rule>>;
