/** SQLite's and the file system's errors as the store's: what happened to which file and what to do. Anything else is a defect and thrown on. */
import { constants } from 'node:os';
import type { StoreError } from '../port.ts';

/** Primary result codes, https://sqlite.org/rescode.html */
const SQLITE: Readonly<Record<number, string>> = {
  3: 'access to %s is not permitted: check its owner and mode',
  5: '%s is in use by another process: stop it or choose another data folder',
  6: '%s is in use in this process',
  8: '%s cannot be written: check its owner, mode and whether the file system is mounted read-only',
  10: 'input or output error on %s: check the disk',
  11: '%s is damaged: restore a backup, or move it away to start anew',
  13: 'no space left for %s: nothing was written; free some space and try again',
  14: '%s cannot be opened: check that its folder can be read and written',
  26: '%s is not a database: move it away or choose another data folder',
};

/** The result code behind an error of node:sqlite, 0: none. */
function resultCode(error: unknown): number {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return 0;
  return error.errcode & 0xff;
}

export const isBusy = (error: unknown): boolean => resultCode(error) === 5;

export function sqliteFailure(error: unknown, file: string): StoreError {
  const message = SQLITE[resultCode(error)];
  if (message === undefined) throw error;
  return { code: 'unavailable', message: message.replace('%s', file) };
}

const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'permission denied: give it to this user or choose another with --data',
  EPERM: 'not permitted: give it to this user or choose another with --data',
  EROFS: 'the file system is read-only: choose another with --data',
  ENOTDIR: 'a part of the path is a file: choose another with --data',
  EEXIST: 'it is a file: choose another with --data',
  ENOSPC: 'no space left: free some space',
  ENAMETOOLONG: 'the path is too long: choose another with --data',
};

export function systemFailure(error: unknown, folder: string): StoreError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const number = constants.errno[code as keyof typeof constants.errno];
  if (number === undefined) throw error;
  return {
    code: 'unavailable',
    message: `data folder ${folder}: ${SYSTEM[code] ?? `${code}: choose another with --data`}`,
  };
}
