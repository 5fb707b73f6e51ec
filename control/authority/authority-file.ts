/** The authority's state on disk: `authority.json` (0600), replaced as a whole at every change, so that it is never half-written. */
import path from 'node:path';
import { AuthorityFileError } from './errors.ts';
import { readPrivateFile, writePrivateFile } from './private-files.ts';
import type { RotationState } from './root-rotation.ts';
import type { CertificateWithKey } from './signing-key.ts';

export interface AuthorityState {
  /** By SHA-256 of the certificate. Every root that is trusted now. */
  readonly roots: Readonly<Record<string, CertificateWithKey>>;
  readonly rotation: RotationState;
  /** Signed by the current root. */
  readonly intermediate: CertificateWithKey;
  /** Newer roots signed by older ones, PEM: for agents that were away during a whole rotation and know the older root only. */
  readonly crossCertificates: readonly string[];
}

export class AuthorityFile {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = path.join(folder, 'authority.json');
  }

  read(): AuthorityState | undefined {
    const text = readPrivateFile(this.#file);
    if (text === undefined) return undefined;
    const state = parse(text);
    if (state === undefined) throw this.malformed('it is not an authority file');
    return state;
  }

  write(state: AuthorityState): void {
    const { roots, rotation, intermediate, crossCertificates } = state;
    writePrivateFile(
      this.#file,
      `${JSON.stringify({ version: 1, roots, rotation, intermediate, crossCertificates }, null, 2)}\n`,
    );
  }

  /** It is never replaced by a new one: that would end the trust of every workload that joined. */
  malformed(why: string): AuthorityFileError {
    return new AuthorityFileError(
      'malformed',
      this.#file,
      `${this.#file}: ${why}`,
      'Restore it from a copy; only a new mesh may start without it',
    );
  }
}

function parse(text: string): AuthorityState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const top = record(value);
  const roots = record(top?.roots);
  const rotation = record(top?.rotation);
  const intermediate = pair(top?.intermediate);
  const cross = top?.crossCertificates;
  if (top?.version !== 1 || roots === undefined || rotation === undefined || intermediate === undefined)
    return undefined;
  if (!Array.isArray(cross) || !cross.every((pem) => typeof pem === 'string')) return undefined;
  const { current, next, old, promotedAt } = rotation;
  if (typeof current !== 'string' || !optional(next) || !optional(old) || typeof promotedAt !== 'number')
    return undefined;
  const read = Object.entries(roots).map(([name, entry]) => [name, pair(entry)] as const);
  const known = read.flatMap(([name, entry]) => (entry === undefined ? [] : [[name, entry] as const]));
  if (known.length !== read.length) return undefined;
  return {
    roots: Object.fromEntries(known),
    rotation: { current, next, old, promotedAt },
    intermediate,
    crossCertificates: cross,
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;

const optional = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';

function pair(value: unknown): CertificateWithKey | undefined {
  const entry = record(value);
  return typeof entry?.certificate === 'string' && typeof entry.key === 'string'
    ? { certificate: entry.certificate, key: entry.key }
    : undefined;
}
