/**
 * Where the state is: `--data DIR`, else WEFT_DATA, else the user's data folder. Also the control plane's Unix socket in it, whose path
 * the system limits to 107 bytes. A folder that was there keeps its mode: one that others may enter is refused, never closed to them.
 */
import { existsSync, lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CommandError } from '../errors.ts';

export function dataFolder(flag: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const wanted = flag ?? env.WEFT_DATA;
  if (wanted !== undefined && wanted !== '') return path.resolve(wanted);
  if (env.XDG_DATA_HOME !== undefined && env.XDG_DATA_HOME !== '') return path.join(env.XDG_DATA_HOME, 'weft');
  return process.platform === 'darwin'
    ? path.join(os.homedir(), 'Library', 'Application Support', 'weft')
    : path.join(os.homedir(), '.local', 'share', 'weft');
}

const MAX_SOCKET_PATH = 107;

/** The control plane's socket in `folder`. */
export const controlSocket = (folder: string): string => checkSocketPath(path.join(folder, 'control.sock'));

export function checkSocketPath(file: string): string {
  if (Buffer.byteLength(file) <= MAX_SOCKET_PATH) return file;
  throw new CommandError(
    `the socket path ${file} is ${Buffer.byteLength(file)} bytes, the system allows ${MAX_SOCKET_PATH}`,
    'Choose a shorter folder with --data or WEFT_DATA.',
  );
}

/** Makes `folder` for this user alone, or takes one that is. Throws CommandError. */
export function privateFolder(folder: string): void {
  let found: Stats;
  try {
    if (make(folder)) return;
    found = statSync(folder);
  } catch (error) {
    throw unusable(folder, error);
  }
  const uid = process.getuid?.() ?? found.uid;
  if (found.uid !== uid) {
    throw new CommandError(
      `the folder ${folder} belongs to another user (uid ${found.uid}), who could read the keys in it`,
      'Choose one of your own with --data or WEFT_DATA.',
    );
  }
  if ((found.mode & 0o077) === 0) return;
  throw new CommandError(
    `other users may enter the folder ${folder} (mode ${(found.mode & 0o777).toString(8)}), which is to hold private keys`,
    `Choose a folder of its own with --data, or close this one: chmod 700 ${folder}`,
  );
}

/** False when it is there. One level after the other: the recursive form never ends where a file system makes none (/proc). */
function make(folder: string): boolean {
  const parent = path.dirname(folder);
  if (parent !== folder && !existsSync(parent)) make(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return false;
    throw error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not enter or make it',
  EPERM: 'this user may not make it',
  EROFS: 'the file system is read-only',
  ENOENT: 'the file system takes no folder there',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  ENOSPC: 'no space is left on the disk',
  ENAMETOOLONG: 'the path is too long',
};

function unusable(folder: string, error: unknown): CommandError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const dangling = code === 'EEXIST' && lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const reason = dangling ? 'it is a link to nowhere' : (REASONS[code] ?? String(error));
  const remedy =
    code === 'ENOSPC'
      ? 'Free some space, or choose another with --data or WEFT_DATA.'
      : 'Give it to this user, or choose another with --data or WEFT_DATA.';
  return new CommandError(`the folder ${folder} cannot be used: ${reason}`, remedy);
}
