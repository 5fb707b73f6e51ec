/** Fetched bundles as files, one for each mesh and foreign trust domain. Public material; a file that cannot be read counts for nothing. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AuthorityFileError } from '../authority/errors.ts';
import { privateFolder, writePublicFile } from '../authority/private-files.ts';

export interface KeptBundle {
  /** As it was served. */
  readonly text: string;
  /** ms since the epoch. */
  readonly fetched: number;
}

const MAX_CHARACTERS = 2 << 20;

export class BundleFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What was written for the same entry, told by `identity`. */
  read(key: string, identity: string): KeptBundle | undefined {
    let value: unknown;
    try {
      const text = readFileSync(this.#file(key), 'utf8');
      value = text.length > MAX_CHARACTERS ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
    if (typeof value !== 'object' || value === null) return undefined;
    const { identity: of, text, fetched } = value as Readonly<Record<string, unknown>>;
    return of === identity && typeof text === 'string' && typeof fetched === 'number' ? { text, fetched } : undefined;
  }

  /** Why it could not be written, as a phrase; undefined: it was. */
  write(key: string, identity: string, kept: KeptBundle): string | undefined {
    try {
      privateFolder(this.#folder);
      writePublicFile(this.#file(key), `${JSON.stringify({ identity, ...kept })}\n`);
      return undefined;
    } catch (error) {
      if (error instanceof AuthorityFileError) return error.message;
      throw error;
    }
  }

  /** By hash: trust domains may hold dots. */
  #file(key: string): string {
    return path.join(this.#folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  }
}
