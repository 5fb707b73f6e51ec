/** What an agent can fail with at its start: a closed set, each with what to do. Later faults are told by `AgentEvents` and retried. */
export type AgentErrorCode =
  /** The token's text is damaged. */
  | 'token-malformed'
  /** The control plane did not show the root that the token names: a wrong address, or somebody in between. */
  | 'root-mismatch'
  /** The control plane said no; its log has the reason. */
  | 'refused'
  | 'unreachable'
  /** The agent's folder or a file in it cannot be used. */
  | 'folder'
  | 'answer-malformed'
  | 'stopped'
  | 'envoy-not-found'
  | 'socket';

export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;
  readonly remedy: string;

  constructor(code: AgentErrorCode, message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.remedy = remedy;
  }
}
