/** Files that only their owner may read. They are replaced as a whole (write beside, sync, rename), never edited. */
import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { AuthorityFileError } from './errors.ts';

/** Makes `folder` with mode 0700, and takes others' rights away when it was there. */
export function privateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (error) {
    throw new AuthorityFileError(
      'unwritable',
      folder,
      `cannot make ${folder}: ${reason(error)}`,
      'Choose a folder that you may write',
    );
  }
}

/** undefined when there is no such file. Refuses a file that others may read: its secrets are no longer secret. */
export function readPrivateFile(file: string): string | undefined {
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      throw new AuthorityFileError(
        'permissions',
        file,
        `${file} holds private keys and other users may read it`,
        `Run \`chmod 600 ${file}\`; if others had access, make a new authority`,
      );
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof AuthorityFileError) throw error;
    if (isAbsent(error)) return undefined;
    throw new AuthorityFileError(
      'unreadable',
      file,
      `cannot read ${file}: ${reason(error)}`,
      'Give this user the right to read it',
    );
  }
}

export function writePrivateFile(file: string, text: string): void {
  writeFileWhole(file, text, 0o600);
}

/** For certificates: readable by all who reach the folder. */
export function writePublicFile(file: string, text: string): void {
  writeFileWhole(file, text, 0o644);
}

function writeFileWhole(file: string, text: string, mode: number): void {
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.new`);
  try {
    rmSync(beside, { force: true });
    const fd = openSync(beside, NEW_FILE, mode);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, file);
  } catch (error) {
    throw new AuthorityFileError(
      'unwritable',
      file,
      `cannot write ${file}: ${reason(error)}`,
      'Make room or give this user the right to write it',
    );
  }
}

/** Never through a link, never into what lay there. */
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const isAbsent = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
