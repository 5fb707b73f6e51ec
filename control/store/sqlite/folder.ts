/**
 * The data folder as far as the store uses it: the file of the store (0600, in a folder made 0700) and beside it the id of the process
 * that has it open. The lock itself is SQLite's exclusive lock: it goes with the process, the id only names who to ask.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { err, ok, type Result } from '@weft/core/kernel';
import type { StoreError } from '../port.ts';
import { systemFailure } from './failure.ts';

const STORE = 'store.db';
const PID = 'store.pid';

/** Makes folder and file where absent; the path of the file. Modes of a folder that was there stay as they are. */
export function prepareFolder(folder: string): Result<string, StoreError> {
  const file = path.join(folder, STORE);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    // A file that is there is not opened: closing it would take this process's own locks off it (POSIX fcntl).
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    if (statSync(file).size === 0 && readPid(folder) !== undefined) {
      const message = `${file} is empty though the folder has been in use: restore a backup, or remove ${PID} beside it to start anew`;
      return err({ code: 'unavailable', message });
    }
    return ok(file);
  } catch (error) {
    return err(systemFailure(error, folder));
  }
}

/** Says that this process has the store open. The file stays after the end, as the sign that the store has been made. */
export function writePid(folder: string): Result<void, StoreError> {
  try {
    writeFileSync(path.join(folder, PID), `${process.pid}\n`, { mode: 0o600 });
    return ok(undefined);
  } catch (error) {
    return err(systemFailure(error, folder));
  }
}

/** The process that opened the store last, undefined: none ever did. */
function readPid(folder: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path.join(folder, PID), 'utf8'), 10) || 0;
  } catch {
    return undefined;
  }
}

export function inUse(folder: string): StoreError {
  const pid = readPid(folder) ?? 0;
  const who =
    pid === process.pid ? 'this process already' : pid > 0 ? `the control plane with pid ${pid}` : 'another process';
  const message = `data folder ${folder} is in use by ${who}: stop it, or choose another folder with --data`;
  return { code: 'unavailable', message };
}
