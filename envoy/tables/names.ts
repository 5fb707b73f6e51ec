/** Whether a message name is one of Envoy's at all: "unknown to Envoy" and "known, not supported here" are two answers. */
import { createRequire } from 'node:module';
import { messageType } from './schema.ts';

const require = createRequire(import.meta.url);

/** By name; loaded with the first question, which only a refusal asks. */
let known: Readonly<Record<string, string>> | undefined;
const rest = (): Readonly<Record<string, string>> =>
  (known ??= require('./generated/names.json') as Readonly<Record<string, string>>);

/** `listed`: in the tables in full; `named`: Envoy has it, the tables only know its name; `unknown`: Envoy 1.40 has no such message. */
export function standing(name: string): 'listed' | 'named' | 'unknown' {
  if (messageType(name) !== undefined) return 'listed';
  return Object.hasOwn(rest(), name) ? 'named' : 'unknown';
}

/** Names of the fields of a message that is only named; empty for any other. */
export const namedFields = (name: string): readonly string[] =>
  Object.hasOwn(rest(), name) ? (rest()[name] ?? '').split(' ') : [];
