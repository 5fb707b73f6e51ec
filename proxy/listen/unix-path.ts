/**
 * Paths of Unix sockets as Envoy writes them: a file, or an abstract name behind `@` (Linux). A socket file that a dead process left is replaced;
 * one that a living process listens on, and anything that is no socket, is never touched.
 */
import { chmodSync, linkSync, lstatSync, unlinkSync } from 'node:fs';
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

/**
 * The file of a socket that was bound under another name and got its own after: whoever closes a socket removes the name it was bound under, which would be
 * in the way of a process that goes on accepting on it.
 */
export class SocketFile {
  readonly path: string;
  readonly #inode: number;

  /** Gives the socket bound at `bound` the name `path` and, where `mode` is not 0, its permissions first. Throws when it cannot. */
  constructor(bound: string, path: string, mode: number) {
    this.path = path;
    if (mode !== 0) chmodSync(bound, mode);
    if (bound !== path) {
      try {
        linkSync(bound, path);
      } finally {
        unlinkSync(bound);
      }
    }
    this.#inode = lstatSync(path).ino;
  }

  /** Takes the name away, unless it is another socket's by now. */
  remove(): void {
    if (lstatSync(this.path, { throwIfNoEntry: false })?.ino === this.#inode) unlinkSync(this.path);
  }
}

/** Most bytes of a path that every system takes (macOS: 104 with the zero at the end). */
const LONGEST = 103;

/** The name to bind under before `path`; `path` itself where no longer one would be taken. */
export const bindingPath = (path: string): string => (Buffer.byteLength(path) < LONGEST ? `${path}~` : path);
