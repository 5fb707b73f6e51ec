/**
 * Rows and secrets that come from watched files, beside those by ADS: the files of LDS and CDS that the bootstrap names, and those that any row names for its
 * routes, endpoints and secrets. A file that no row names any more is let go.
 */
import type { ResourceFile } from '@weft/core/proxy-config';
import type { XdsSecret } from '../ads/port.ts';
import { endpointFiles, routeFiles, secretFiles } from '../ads/named-files.ts';
import type { ArrivedRows } from '../ads/warming.ts';
import { type FileContent, ResourceFileReader } from './resource-file-reader.ts';

export interface FileRowsOptions {
  readonly files: { readonly listeners?: ResourceFile; readonly clusters?: ResourceFile };
  /** Some file says something else: `over` gives other rows. */
  readonly onChange: () => void;
  readonly onFault: (text: string) => void;
  readonly onSecret: (name: string, secret: XdsSecret | undefined) => void;
}

export class FileRows {
  readonly #options: FileRowsOptions;
  readonly #readers = new Map<string, ResourceFileReader>();
  readonly #given = new Map<string, XdsSecret>();

  constructor(options: FileRowsOptions) {
    this.#options = options;
  }

  /** Every file that is needed was read once. */
  get settled(): boolean {
    return [...this.#readers.values()].every((reader) => reader.settled);
  }

  /** `rows`, and what files add to them. */
  over(rows: ArrivedRows): ArrivedRows {
    const used = new Set<string>();
    const content = (file: ResourceFile): FileContent => {
      used.add(keyOf(file));
      return this.#reader(file).content;
    };
    const { files } = this.#options;
    const own = {
      listeners: files.listeners === undefined ? undefined : content(files.listeners).listeners,
      clusters: files.clusters === undefined ? undefined : content(files.clusters).clusters,
    };
    const listeners = own.listeners === undefined ? rows.listeners : new Map([...own.listeners, ...rows.listeners]);
    const clusters = own.clusters === undefined ? rows.clusters : new Map([...own.clusters, ...rows.clusters]);
    const merged = { listeners, clusters };
    const routes = new Map(rows.routes);
    for (const [file, name] of routeFiles(merged)) put(routes, name, content(file).routes.get(name));
    const endpoints = new Map(rows.endpoints);
    for (const [file, name] of endpointFiles(merged)) put(endpoints, name, content(file).endpoints.get(name));
    for (const [file, name] of secretFiles(merged)) this.#give(name, content(file).secrets.get(name));
    for (const [key, reader] of this.#readers) {
      if (used.has(key)) continue;
      reader.stop();
      this.#readers.delete(key);
    }
    return { ...merged, scopes: rows.scopes, routes, endpoints };
  }

  stop(): void {
    for (const reader of this.#readers.values()) reader.stop();
    this.#readers.clear();
  }

  #reader(file: ResourceFile): ResourceFileReader {
    const key = keyOf(file);
    let reader = this.#readers.get(key);
    if (reader === undefined) {
      reader = new ResourceFileReader(file, this.#options.onChange, this.#options.onFault);
      this.#readers.set(key, reader);
    }
    return reader;
  }

  /** A secret that a file holds no more stays: what it served is served on. */
  #give(name: string, secret: XdsSecret | undefined): void {
    if (secret === undefined || this.#given.get(name) === secret) return;
    this.#given.set(name, secret);
    this.#options.onSecret(name, secret);
  }
}

const keyOf = ({ path, watchedDirectory }: ResourceFile): string => `${path}\n${watchedDirectory}`;

function put<Row>(table: Map<string, Row>, name: string, row: Row | undefined): void {
  if (row !== undefined) table.set(name, row);
}
