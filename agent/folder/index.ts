/**
 * The agent's folder: this user's, mode 0700, files 0600, each replaced as a whole. What lies here belongs to one workload. A file is
 * always made anew: it neither follows a link nor takes over what lay there.
 */
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
import { AgentError } from '../errors.ts';

export class AgentFolder {
  readonly path: string;

  /** Makes the folder, or takes others' rights away when it was there. Throws AgentError. */
  constructor(folder: string) {
    this.path = folder;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const { mode, uid } = statSync(folder);
      const own = process.getuid?.() ?? uid;
      if (uid !== own) throw new Error(`it belongs to another user (uid ${uid}), who could read the keys in it`);
      if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
    } catch (error) {
      throw failure(folder, error);
    }
  }

  file(name: string): string {
    return path.join(this.path, name);
  }

  /** undefined when there is no such file. */
  read(name: string): string | undefined {
    try {
      return readFileSync(this.file(name), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw failure(this.file(name), error);
    }
  }

  write(name: string, content: string | Uint8Array): void {
    const beside = this.file(`.${name}.new`);
    try {
      rmSync(beside, { force: true });
      const fd = openSync(beside, NEW_FILE, 0o600);
      try {
        writeFileSync(fd, content);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(beside, this.file(name));
    } catch (error) {
      throw failure(this.file(name), error);
    }
  }

  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const failure = (file: string, error: unknown): AgentError =>
  new AgentError(
    'folder',
    `${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    'Give this user the right to write it, or choose another folder with --data',
    error,
  );
