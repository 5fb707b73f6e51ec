/**
 * The registration: a P-256 key made here and what the control plane bound to it. With a token it is kept in the agent's folder
 * (`registration.key`, 0600), since it must outlive the process; on the control plane's host, where joining again needs no token, it is
 * kept in memory only. The key signs and never travels.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  AGENT_METHODS,
  type Binding,
  issueProofText,
  type JoinResponse,
  readJoinResponse,
  type TokenProof,
} from '@weft/core/agent-api';
import { err, formatDiagnostic, ok, type Result } from '@weft/core/kernel';
import type { CallError, ControlPlane } from '../control-plane/index.ts';
import { AgentError } from '../errors.ts';
import type { AgentFolder } from '../folder/index.ts';

export interface StoredRegistration {
  readonly response: JoinResponse;
  /** `host:port`. */
  readonly controlPlane: string;
}

const KEY_FILE = 'registration.key';
const FILE = 'registration.json';

export class RegistrationKey {
  readonly #key: KeyObject;

  private constructor(key: KeyObject) {
    this.#key = key;
  }

  static make(): RegistrationKey {
    return new RegistrationKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  }

  /** The key in the folder; made and written there when there is none. */
  static inFolder(folder: AgentFolder): RegistrationKey {
    const stored = folder.read(KEY_FILE);
    if (stored !== undefined) {
      try {
        return new RegistrationKey(createPrivateKey(stored));
      } catch (error) {
        const file = folder.file(KEY_FILE);
        throw new AgentError(
          'folder',
          `${file} is not a private key`,
          'Remove it and join again with a new token',
          error,
        );
      }
    }
    const made = RegistrationKey.make();
    folder.write(KEY_FILE, made.#key.export({ format: 'pem', type: 'pkcs8' }));
    return made;
  }

  /** SubjectPublicKeyInfo, DER in base64. */
  get publicKey(): string {
    return createPublicKey(this.#key).export({ format: 'der', type: 'spki' }).toString('base64');
  }

  /** The proof that belongs to an IssueRequest. */
  prove(registration: string, csr: string): string {
    return sign('sha256', Buffer.from(issueProofText(registration, csr)), this.#key).toString('base64');
  }
}

/** What an earlier join left in the folder; a damaged file counts as none. */
export function storedRegistration(folder: AgentFolder): StoredRegistration | undefined {
  const text = folder.read(FILE);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('controlPlane' in value) || !('response' in value))
      return undefined;
    const response = readJoinResponse(value.response);
    return response.ok && typeof value.controlPlane === 'string'
      ? { response: response.value, controlPlane: value.controlPlane }
      : undefined;
  } catch {
    return undefined;
  }
}

export function storeRegistration(folder: AgentFolder, registration: StoredRegistration): void {
  folder.write(FILE, `${JSON.stringify(registration, null, 2)}\n`);
}

/** Asks for a registration of `key`. */
export async function join(
  controlPlane: ControlPlane,
  key: RegistrationKey,
  claim: Pick<Binding, 'namespace' | 'account'>,
  token: TokenProof | undefined,
): Promise<Result<JoinResponse, CallError>> {
  const { namespace, account } = claim;
  const answer = await controlPlane.call(AGENT_METHODS.join, {
    ...(token === undefined ? {} : { token }),
    publicKey: key.publicKey,
    namespace,
    account,
  });
  if (!answer.ok) return answer;
  const response = readJoinResponse(answer.value);
  if (response.ok) return ok(response.value);
  return err({ kind: 'malformed', message: response.error.map(formatDiagnostic).join('; ') });
}
