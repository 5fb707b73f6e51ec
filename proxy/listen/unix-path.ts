/**
 * Paths of Unix sockets as Envoy writes them: a file, or an abstract name behind `@` (Linux). A socket file that a dead process left is replaced;
 * one that a living process listens on, and anything that is no socket, is never touched.
 */
import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';

export const isAbstract = (path: string): boolean => path.startsWith('@');

/** What the system is asked for. */
export const socketPath = (path: string): string => (isAbstract(path) ? `\0${path.slice(1)}` : path);

/** Removes what a dead process left at `path`. A sentence: somebody else is there. */
export async function makeRoom(path: string): Promise<string | undefined> {
  if (isAbstract(path)) return undefined;
  try {
    if (!lstatSync(path).isSocket()) return `${path} is a file that is no socket`;
  } catch {
    return undefined;
  }
  if (await answers(path)) return `${path} is in use by another process`;
  try {
    unlinkSync(path);
  } catch {
    // Not ours to remove: binding will say.
  }
  return undefined;
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused: nobody listens. Anything else (no permission, a full backlog) may be somebody.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
