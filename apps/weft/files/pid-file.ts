/** The number of the process that serves, for whoever sends it signals. Written whole: no reader sees half a number. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { CommandError } from '../errors.ts';
import { unreadableReason } from './unreadable.ts';

export function writePidFile(file: string): void {
  try {
    writeFileSync(`${file}.new`, `${process.pid}\n`);
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new CommandError(`--pid-file ${file}: ${unreadableReason(error)}`, 'Name a file that this user may write.');
  }
}

/** Only while it still names this process. */
export function removePidFile(file: string): void {
  try {
    if (readFileSync(file, 'utf8') === `${process.pid}\n`) rmSync(file);
  } catch {
    // Somebody else's by now, or gone.
  }
}
