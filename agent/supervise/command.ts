/** Finds the program of a command as the shell would, so that a missing one is told before anything is started (POSIX 2.9.1.4). */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

export type FoundCommand =
  | { readonly ok: true; readonly file: string }
  /** `exitCode`: 127 not found, 126 found but not executable. */
  | { readonly ok: false; readonly exitCode: 126 | 127; readonly message: string };

export function findCommand(command: string, searchPath: string): FoundCommand {
  const places = command.includes('/')
    ? [path.resolve(command)]
    : searchPath.split(path.delimiter).map((folder) => path.join(folder === '' ? '.' : folder, command));
  let blocked: string | undefined;
  for (const file of places) {
    try {
      if (!statSync(file).isFile()) {
        blocked ??= `${file} is not a file`;
        continue;
      }
      accessSync(file, constants.X_OK);
      return { ok: true, file };
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EACCES') blocked ??= `${file} is not executable`;
    }
  }
  if (blocked !== undefined) return { ok: false, exitCode: 126, message: blocked };
  return { ok: false, exitCode: 127, message: `${command}: command not found` };
}
