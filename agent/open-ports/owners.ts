/** Who holds a socket: the process whose descriptors lead to it, as far as this user may look (proc(5), /proc/PID/fd). */
import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';

export interface Owner {
  readonly pid: number;
  /** File name of its program, printable, at most 64 characters. */
  readonly name: string;
}

/** Descriptors that one search looks at: enough for what a user runs beside a service, little enough for a host that is full of others. */
const MOST_DESCRIPTORS = 20_000;
const MOST_NAME = 64;

/**
 * By inode; one that is missing belongs to somebody who may not be looked at. Processes that began after `self` are searched first: a
 * service that an agent starts is among them.
 */
export async function socketOwners(
  wanted: ReadonlySet<number>,
  self = process.pid,
  proc = '/proc',
): Promise<Map<number, Owner>> {
  const found = new Map<number, Owner>();
  const pids = (await namesIn(proc)).filter((name) => /^\d+$/.test(name)).map(Number);
  const later = (pid: number): number => (pid >= self ? 0 : 1);
  pids.sort((a, b) => later(a) - later(b) || a - b);
  let left = MOST_DESCRIPTORS;
  for (const pid of pids) {
    const folder = path.join(proc, String(pid));
    for (const descriptor of await namesIn(path.join(folder, 'fd'))) {
      if (found.size === wanted.size || left === 0) return found;
      left -= 1;
      const inode = Number(/^socket:\[(\d+)\]$/.exec(await target(path.join(folder, 'fd', descriptor)))?.[1]);
      if (!wanted.has(inode) || found.has(inode)) continue;
      found.set(inode, { pid, name: programName(await target(path.join(folder, 'exe'))) });
    }
  }
  return found;
}

const programName = (file: string): string =>
  path
    .basename(file.replace(/ \(deleted\)$/, ''))
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, MOST_NAME);

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
const target = (link: string): Promise<string> => readlink(link).catch(() => '');
