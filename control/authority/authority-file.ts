/** The authority's state on disk: `authority.json` (0600), replaced as a whole at every change, so that it is never half-written. */
import path from 'node:path';
import { AuthorityFileError } from './errors.ts';
import { readPrivateFile, writePrivateFile } from './private-files.ts';
import type { RotationState } from './root-rotation.ts';
import type { CertificateWithKey } from './signing-key.ts';

/** Where the certificates under a root come from. `own`: its key is here; the others are `outside-issuer.ts`. */
export type IssuerKind = 'own' | 'files' | 'signer';

/** A root that is trusted. The key of one from outside is not here. */
export interface StoredRoot {
  readonly certificate: string;
  readonly key: string | undefined;
  readonly issuer: IssuerKind;
}

export interface StoredIntermediate extends CertificateWithKey {
  /** PEM of what stands between it and the root, '' for nothing. */
  readonly chain: string;
}

/** A key of JSON web tokens (P-256). */
export interface StoredTokenKey {
  readonly id: string;
  /** PKCS #8 PEM. */
  readonly key: string;
  /** ms since the epoch; from when on it is published. */
  readonly madeAt: number;
  /** From when on it signs. */
  readonly signsFrom: number;
}

export interface AuthorityState {
  /** By SHA-256 of the certificate. Every root that is trusted now. */
  readonly roots: Readonly<Record<string, StoredRoot>>;
  readonly rotation: RotationState;
  /** Under the current root. */
  readonly intermediate: StoredIntermediate;
  /** Under the next root, where that one is from outside. */
  readonly nextIntermediate: StoredIntermediate | undefined;
  /** Newer roots signed by older ones, PEM: for agents that were away during a whole rotation and know the older root only. */
  readonly crossCertificates: readonly string[];
  /** ms; the longest life of a certificate that was ever issued: an old root is not retired before it is over. */
  readonly longestLife: number;
  /** Oldest first. */
  readonly tokenKeys: readonly StoredTokenKey[];
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
    writePrivateFile(this.#file, `${JSON.stringify({ version: 1, ...state }, null, 2)}\n`);
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
  const roots = everyEntry(record(top?.roots), storedRoot);
  const rotation = record(top?.rotation);
  const stored = intermediate(top?.intermediate);
  const next = top?.nextIntermediate === undefined ? undefined : intermediate(top.nextIntermediate);
  const { crossCertificates: cross, longestLife = 0, tokenKeys: keys = [] } = top ?? {};
  if (top?.version !== 1 || roots === undefined || rotation === undefined || stored === undefined) return undefined;
  if (top.nextIntermediate !== undefined && next === undefined) return undefined;
  if (!Array.isArray(cross) || !cross.every((pem) => typeof pem === 'string')) return undefined;
  if (typeof longestLife !== 'number' || !Array.isArray(keys)) return undefined;
  const tokenKeys = keys.map(tokenKey);
  if (!tokenKeys.every((key) => key !== undefined)) return undefined;
  const { current, next: following, old, promotedAt } = rotation;
  if (typeof current !== 'string' || !optional(following) || !optional(old) || typeof promotedAt !== 'number')
    return undefined;
  return {
    roots,
    rotation: { current, next: following, old, promotedAt },
    intermediate: stored,
    nextIntermediate: next,
    crossCertificates: cross,
    longestLife,
    tokenKeys,
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;

const optional = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string';

function everyEntry<T>(
  entries: Readonly<Record<string, unknown>> | undefined,
  read: (value: unknown) => T | undefined,
): Readonly<Record<string, T>> | undefined {
  if (entries === undefined) return undefined;
  const done: Record<string, T> = {};
  for (const [name, entry] of Object.entries(entries)) {
    const value = read(entry);
    if (value === undefined) return undefined;
    done[name] = value;
  }
  return done;
}

function storedRoot(value: unknown): StoredRoot | undefined {
  const { certificate, key, issuer = 'own' } = record(value) ?? {};
  if (typeof certificate !== 'string' || !optional(key)) return undefined;
  const kind = (['own', 'files', 'signer'] as const).find((one) => one === issuer);
  return kind === undefined || (kind === 'own') !== (key !== undefined)
    ? undefined
    : { certificate, key, issuer: kind };
}

function intermediate(value: unknown): StoredIntermediate | undefined {
  const { certificate, key, chain = '' } = record(value) ?? {};
  return typeof certificate === 'string' && typeof key === 'string' && typeof chain === 'string'
    ? { certificate, key, chain }
    : undefined;
}

function tokenKey(value: unknown): StoredTokenKey | undefined {
  const { id, key, madeAt, signsFrom } = record(value) ?? {};
  return typeof id === 'string' &&
    typeof key === 'string' &&
    typeof madeAt === 'number' &&
    typeof signsFrom === 'number'
    ? { id, key, madeAt, signsFrom }
    : undefined;
}
