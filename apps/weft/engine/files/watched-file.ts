/**
 * Tells when a file may say something else: it, or something in a folder beside it, was written, replaced or removed. Folders are watched and not files, which
 * are replaced (by rename, or by the link that Kubernetes swaps). It never reads the file.
 */
import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';

/** ms without a further event: files are written in several steps. */
const SETTLE = 50;
/** ms until a folder that is not there is looked for again. */
const AGAIN = 1000;

export class FolderWatch {
  readonly #folder: string;
  readonly #changed: () => void;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(folder: string, changed: () => void) {
    this.#folder = folder;
    this.#changed = changed;
    this.#open();
  }

  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
  }

  #open(): void {
    try {
      this.#watcher = watch(this.#folder, { persistent: false }, () => this.#later(SETTLE, this.#changed));
      this.#watcher.on('error', () => this.#lost());
    } catch {
      this.#lost();
    }
  }

  #lost(): void {
    this.#watcher?.close();
    this.#later(AGAIN, () => {
      this.#open();
      this.#changed();
    });
  }

  #later(delay: number, run: () => void): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    this.#timer = setTimeout(run, delay);
    this.#timer.unref();
  }
}

/** The folders whose events concern these files. */
export const foldersOf = (files: readonly string[], watchedDirectory: string): string[] => [
  ...new Set([...files.map((file) => path.dirname(file)), ...(watchedDirectory === '' ? [] : [watchedDirectory])]),
];
