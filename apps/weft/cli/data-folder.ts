/**
 * Where the state is: `--data DIR`, else WEFT_DATA, else the user's data folder. Also the control plane's Unix socket in it, whose path
 * the system limits to 107 bytes.
 */
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
