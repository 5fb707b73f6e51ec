/** A certificate for a new key: made here, signed for by the registration key, issued by the control plane. */
import { AGENT_METHODS, type IssueResponse, readIssueResponse } from '@weft/core/agent-api';
import { err, formatDiagnostic, ok, type Result } from '@weft/core/kernel';
import type { CallError, ControlPlane } from '../control-plane/index.ts';
import type { RegistrationKey } from '../join/index.ts';
import { makeKeyAndCsr } from './csr.ts';

export interface Svid extends IssueResponse {
  /** PKCS #8 PEM of the key made here. In memory only. */
  readonly privateKey: string;
}

export async function issueSvid(
  controlPlane: ControlPlane,
  key: RegistrationKey,
  registration: string,
): Promise<Result<Svid, CallError>> {
  const made = makeKeyAndCsr();
  const request = { registration, csr: made.csr, proof: key.prove(registration, made.csr) };
  const answer = await controlPlane.call(AGENT_METHODS.issue, request);
  if (!answer.ok) return answer;
  const response = readIssueResponse(answer.value);
  if (!response.ok) return err({ kind: 'malformed', message: response.error.map(formatDiagnostic).join('; ') });
  return ok({ ...response.value, privateKey: made.key.export({ format: 'pem', type: 'pkcs8' }).toString() });
}
