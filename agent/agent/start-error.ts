/** What an agent that could not start says to its user. */
import type { CallError } from '../control-plane/index.ts';
import { AgentError } from '../errors.ts';

/** What a control plane tells on its Unix socket, and what to do; elsewhere it gives no reason. */
const REASONS: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  'namespace-unknown': [
    'its namespace does not exist',
    'Create it (`weft apply` an object of kind Namespace), or choose another with --namespace',
  ],
  'namespace-moved': ['its namespace is in another mesh now', 'Start it again to join the new mesh'],
  'registration-revoked': ['its registration was revoked', 'Start it again to get a new one'],
  'workload-foreign': ['another registration has the workload', 'Choose another --name, or end the other one'],
};

export function startError(error: CallError, address: string): AgentError {
  const where = address === '' ? 'the control plane on this host' : `the control plane at ${address}`;
  if (error.kind === 'refused') {
    const [, reason = ''] = /: refused: ([a-z-]+)$/.exec(error.message) ?? [];
    const [why, remedy] = REASONS[reason] ?? [
      reason,
      'Its log says why; a new token may be needed (`weft token create`)',
    ];
    return new AgentError('refused', `${where} refused this workload${why === '' ? '' : `: ${why}`}`, remedy);
  }
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
