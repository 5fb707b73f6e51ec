/** Whether a message name is one of Envoy's at all: "unknown to Envoy" and "known, not supported here" are two answers. */
import names from './generated/names.json' with { type: 'json' };
import { messageType } from './schema.ts';

const rest: Readonly<Record<string, string>> = names;

/** `listed`: in the tables in full; `named`: Envoy has it, the tables only know its name; `unknown`: Envoy 1.40 has no such message. */
export function standing(name: string): 'listed' | 'named' | 'unknown' {
  if (messageType(name) !== undefined) return 'listed';
  return Object.hasOwn(rest, name) ? 'named' : 'unknown';
}

/** Names of the fields of a message that is only named; empty for any other. */
export const namedFields = (name: string): readonly string[] =>
  Object.hasOwn(rest, name) ? (rest[name] ?? '').split(' ') : [];
