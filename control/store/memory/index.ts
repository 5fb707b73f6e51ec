/** A store that forgets everything when it stops: for tests and for a control plane without a data folder. */
import { ok } from '@weft/core/kernel';
import type { Journal } from '../journal.ts';
import { compareKeys } from '../key.ts';
import { LogStore, type LogStoreOptions } from '../log-store.ts';
import type { LogEntry } from '../port.ts';

export const memoryStore = (options: LogStoreOptions = {}): LogStore => new LogStore(memoryJournal(), options);

export function memoryJournal(): Journal {
  let log: LogEntry[] = [];
  const leases = new Map<string, { readonly holder: string; readonly until: number }>();
  return {
    open: () => ok({ objects: [], revision: 0, forgotten: 0 }),
    close: () => {
      log = [];
    },
    append: (entries) => {
      for (const entry of entries) log.push(entry);
      return ok(undefined);
    },
    after: (revision, limit) => {
      const start = log.findIndex((entry) => entry.revision > revision);
      if (start < 0) return [];
      let end = Math.min(log.length, start + limit);
      while (end < log.length && log[end]?.time === log[end - 1]?.time) end += 1;
      return log.slice(start, end);
    },
    history: (key) => log.filter((entry) => compareKeys(entry.key, key) === 0),
    outdated: (time, keepEntries) => {
      const byTime = log.findLast((entry) => entry.time < time)?.revision ?? 0;
      const byCount = log.at(-1 - keepEntries)?.revision ?? 0;
      return Math.max(byTime, byCount);
    },
    forget: (revision) => {
      log = log.filter((entry) => entry.revision > revision);
      return ok(undefined);
    },
    lease: (name, holder, now, until) => {
      const held = leases.get(name);
      if (held !== undefined && held.holder !== holder && held.until > now) return false;
      leases.set(name, { holder, until });
      return true;
    },
  };
}
