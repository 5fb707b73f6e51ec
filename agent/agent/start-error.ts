/** What an agent that could not start says to its user. */
import type { CallError } from '../control-plane/index.ts';
import { AgentError } from '../errors.ts';

export function startError(error: CallError, address: string): AgentError {
  const where = address === '' ? 'the control plane on this host' : `the control plane at ${address}`;
  if (error.kind === 'refused')
    return new AgentError(
      'refused',
      `${where} refused this workload`,
      'Its log says why; a new token may be needed (`weft token create`)',
    );
  if (error.kind === 'malformed')
    return new AgentError(
      'answer-malformed',
      `${where} and this agent do not understand each other: ${error.message}`,
      'Use the same version of weft on both sides',
    );
  return new AgentError(
    'unreachable',
    `${where} cannot be reached: ${error.message}`,
    'Check that `weft up` runs there',
  );
}
