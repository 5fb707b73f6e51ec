/**
 * A file that access log lines are written to, opened so that nothing ever waits for whoever reads it: a pipe takes what it has room for now. (Node's
 * own file streams would leave a thread of its pool in the write, and the process could not end; its standard output would stop the event loop.)
 */
import { constants, createWriteStream, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';

/** What there is of Node's file streams, sockets and standard streams. */
export interface LogStream {
  readonly writableLength: number;
  write(octets: Uint8Array, written: (error?: Error | null) => void): boolean;
  end(): unknown;
  on(event: 'error', told: (error: Error) => void): unknown;
  unref?(): unknown;
}

const STANDARD = { stdout: '/proc/self/fd/1', stderr: '/proc/self/fd/2' };

const isPipe = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;

/** Throws where it is a pipe that nobody reads. */
function openPipe(path: string): LogStream {
  const socket = new Socket({
    fd: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK),
    readable: false,
    writable: true,
  });
  // Lines that nobody takes do not keep the process.
  socket.unref();
  return socket;
}

export type LogTarget = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'stdout' | 'stderr' };

/** Throws where the path is a pipe that nobody reads. */
export function openLog(target: LogTarget): LogStream {
  if (target.kind === 'file')
    return isPipe(target.path) ? openPipe(target.path) : createWriteStream(target.path, { flags: 'a' });
  const path = STANDARD[target.kind];
  try {
    if (isPipe(path)) return openPipe(path);
  } catch {
    // It belongs to another user: as Node writes to it.
  }
  return process[target.kind];
}
