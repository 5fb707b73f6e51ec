/** The store in a data folder: one SQLite file, durable at every answer, open in one process at a time. */
import { LogStore, type LogStoreOptions } from '../log-store.ts';
import { SqliteJournal, type SqliteOptions } from './journal.ts';

export type { SqliteOptions } from './journal.ts';
export { SCHEMA_VERSION } from './schema.ts';

export const sqliteStore = (options: SqliteOptions & LogStoreOptions): LogStore =>
  new LogStore(new SqliteJournal(options), options);
