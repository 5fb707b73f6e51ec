/**
 * One file of resources: what it said last that was whole. A file that is absent, cannot be read or has a fault changes nothing; the fault is told once.
 * Keys that its secrets name are read with it.
 */
import { readFileSync } from 'node:fs';
import { formatDiagnostic } from '@weft/core/kernel';
import type { ResourceFile } from '@weft/core/proxy-config';
import { type FileResources, readResourceFile, type StatedSecret } from '@weft/envoy/bootstrap';
import { jsonSource } from '@weft/envoy/text';
import { readTextSource } from '@weft/proxy/engine';
import type { XdsSecret } from '../ads/port.ts';
import { FolderWatch, foldersOf } from './watched-file.ts';

export interface FileContent extends Omit<FileResources, 'secrets'> {
  readonly secrets: ReadonlyMap<string, XdsSecret>;
}

const NOTHING: FileContent = {
  listeners: new Map(),
  clusters: new Map(),
  routes: new Map(),
  endpoints: new Map(),
  secrets: new Map(),
};

export class ResourceFileReader {
  readonly #file: ResourceFile;
  readonly #onFault: (text: string) => void;
  readonly #onChange: () => void;
  readonly #watches = new Map<string, FolderWatch>();
  #said = '';
  #content = NOTHING;
  #reading: Promise<void>;
  #settled = false;
  #over = false;

  /** `onChange`: it says something else now. */
  constructor(file: ResourceFile, onChange: () => void, onFault: (text: string) => void) {
    this.#file = file;
    this.#onChange = onChange;
    this.#onFault = onFault;
    this.#reading = this.#read();
  }

  /** It was read once, whatever came of it. */
  get settled(): boolean {
    return this.#settled;
  }

  get content(): FileContent {
    return this.#content;
  }

  stop(): void {
    this.#over = true;
    for (const watch of this.#watches.values()) watch.stop();
  }

  /** One after the other: the last event's reading is the last. */
  #again(): void {
    this.#reading = this.#reading.then(() => this.#read());
  }

  /** Never rejects. */
  async #read(): Promise<void> {
    const secretFiles: string[] = [];
    let news = !this.#settled;
    try {
      news = (await this.#take(secretFiles)) || news;
    } catch (error) {
      this.#fault(`${this.#file.path}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (this.#over) return;
    this.#watch(secretFiles);
    this.#settled = true;
    if (news) this.#onChange();
  }

  /** Whether it says something else than before. Throws what cannot be read. */
  async #take(secretFiles: string[]): Promise<boolean> {
    const { path } = this.#file;
    const text = readFileSync(path, 'utf8');
    const source = jsonSource(text, path) ?? (await import('@weft/envoy/text/yaml')).yamlSource(text, path);
    const read = readResourceFile(source);
    if (!read.ok) {
      this.#fault(read.error.map(formatDiagnostic).join('\n'));
      return false;
    }
    const secrets = new Map<string, XdsSecret>();
    let said = text;
    for (const secret of read.value.secrets.values()) {
      const opened = openSecret(secret, secretFiles);
      secrets.set(secret.name, opened.secret);
      said += opened.said;
    }
    if (said === this.#said) return false;
    this.#said = said;
    this.#content = { ...read.value, secrets };
    return true;
  }

  #fault(text: string): void {
    if (this.#said === text) return;
    this.#said = text;
    this.#onFault(text);
  }

  /** Folders of keys that were watched stay watched: a fault must not end it. */
  #watch(secretFiles: readonly string[]): void {
    const { path, watchedDirectory } = this.#file;
    for (const folder of foldersOf([path, ...secretFiles], watchedDirectory)) {
      if (this.#watches.has(folder)) continue;
      const watch = new FolderWatch(folder, () => this.#again());
      this.#watches.set(folder, watch);
    }
  }
}

/** Throws what could not be read. `files` gets what it was read from. */
function openSecret(secret: StatedSecret, files: string[]): { readonly secret: XdsSecret; readonly said: string } {
  const textOf = (source: Parameters<typeof readTextSource>[0]): string => {
    if (source.kind === 'file') files.push(source.path);
    const read = readTextSource(source);
    if ('text' in read) return read.text;
    throw new Error(`secret ${secret.name}: ${read.fault}`);
  };
  if (secret.kind === 'trust') {
    const roots = textOf(secret.roots);
    return { secret: { kind: 'roots', name: secret.name, roots }, said: roots };
  }
  const certificateChain = textOf(secret.certificateChain);
  const privateKey = textOf(secret.privateKey);
  return {
    secret: { kind: 'certificate', name: secret.name, certificateChain, privateKey },
    said: certificateChain + privateKey,
  };
}
