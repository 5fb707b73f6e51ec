/** From a token, a stored registration or the local socket to a control plane that can be called and a key that speaks for the workload. */
import { parseJoinToken, type TokenProof } from '@weft/core/agent-api';
import { formatDiagnostic } from '@weft/core/kernel';
import { ControlPlane } from '../control-plane/index.ts';
import { AgentError } from '../errors.ts';
import type { AgentFolder } from '../folder/index.ts';
import { fetchRoot, RegistrationKey, storedRegistration, type StoredRegistration } from '../join/index.ts';
import type { Membership } from './options.ts';

export interface Member {
  readonly controlPlane: ControlPlane;
  readonly key: RegistrationKey;
  /** `host:port`; '' for the local socket. */
  readonly address: string;
  /** To be spent when there is no stored registration. */
  readonly token: TokenProof | undefined;
  readonly stored: StoredRegistration | undefined;
}

export async function enter(membership: Membership, folder: AgentFolder): Promise<Member> {
  if (membership.kind === 'local') {
    const controlPlane = new ControlPlane({ kind: 'unix', path: membership.socket }, '');
    return { controlPlane, key: RegistrationKey.make(), address: '', token: undefined, stored: undefined };
  }
  const key = RegistrationKey.inFolder(folder);
  const stored = storedRegistration(folder);
  if (stored !== undefined) {
    const address = membership.controlPlane ?? stored.controlPlane;
    const controlPlane = new ControlPlane({ kind: 'tls', address }, stored.response.bundle.controlPlane);
    return { controlPlane, key, address, token: undefined, stored };
  }
  if (membership.token === undefined)
    throw new AgentError(
      'token-malformed',
      'this workload has not joined yet and there is no join token',
      'Make one with `weft token create` where the control plane runs and pass it with --join',
    );
  const token = parseJoinToken(membership.token);
  if (!token.ok) {
    const [fault] = token.error;
    const remedy = fault?.remedy ?? 'Make a new one with `weft token create`';
    throw new AgentError(
      'token-malformed',
      token.error.map((each) => formatDiagnostic({ ...each, remedy: undefined })).join('; '),
      remedy,
    );
  }
  const address = membership.controlPlane ?? token.value.controlPlane;
  const root = await fetchRoot(address, token.value.rootSha256);
  const controlPlane = new ControlPlane({ kind: 'tls', address }, root);
  return { controlPlane, key, address, token: token.value.proof, stored: undefined };
}
