/** Readings of what a process uses, as shares of its limits. One reading costs microseconds: no file of unbounded length is read. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { OverloadResource } from '@weft/core/proxy-config';

export interface Readings {
  /** Heap and buffers of all threads, bytes. */
  memory(): number;
  /** Of this thread's heap; 0..1. */
  heapShare(): number;
  /** Resident bytes of the process, and the control group's limit, 0 without. */
  resident(): number;
  memoryLimit(): number;
  connections(): number;
  openFiles(): number;
  /** 0: none is known. */
  fileLimit(): number;
  /** ms. */
  lag(): number;
}

/** 0 when there is no limit to speak of. */
export function pressureOf(resource: OverloadResource, read: Readings): number {
  switch (resource.kind) {
    case 'fixed-heap':
      return share(read.memory(), resource.maxBytes);
    case 'cgroup-memory': {
      const own = read.memoryLimit();
      const limit =
        own > 0 && resource.maxBytes > 0 ? Math.min(own, resource.maxBytes) : Math.max(own, resource.maxBytes);
      return share(read.resident(), limit);
    }
    case 'heap':
      return read.heapShare();
    case 'connections':
      return share(read.connections(), resource.max);
    case 'file-descriptors':
      return share(read.openFiles(), read.fileLimit());
    case 'event-loop-lag':
      return share(read.lag(), resource.max);
  }
}

const share = (used: number, limit: number): number => (limit > 0 ? used / limit : 0);

const OWN_FILES = '/proc/self/fd';

/** Open descriptors of this process: Linux 6.2 says the number as the folder's size, older ones by its entries. 0 where neither can be had. */
export function openFiles(): number {
  try {
    const { size } = statSync(OWN_FILES);
    return size > 0 ? size : readdirSync(OWN_FILES).length;
  } catch {
    return 0;
  }
}

export function fileLimit(): number {
  try {
    const [, soft = ''] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return /^\d+$/.test(soft) ? Number(soft) : 0;
  } catch {
    return 0;
  }
}
