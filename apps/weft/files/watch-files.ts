/**
 * Keeps a control plane at what files say: applies them at the start and after every save. A file with an error changes nothing: all its
 * errors are told and the mesh goes on as it was. An object that leaves the files is deleted, if these files made it.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import path from 'node:path';
import type { ApiClient, JsonObject } from '@weft/control/api/client';
import { type Diagnostic, hasErrors } from '@weft/core/kernel';
import { KINDS } from '@weft/core/resources';
import { duplicateObjects } from '@weft/core/resources/text';
import { applyObjects, outcomeText } from './apply-objects.ts';
import { readFiles } from './read-files.ts';

/** Which path of `--apply` an object comes from. */
const FILE_ANNOTATION = 'weft.dev/applied-from';
/** ms without a further event until a change is read: editors write in several steps. */
const SETTLE = 60;

export interface WatchFilesOptions {
  readonly client: ApiClient;
  readonly paths: readonly string[];
  readonly onApplied: (texts: readonly string[]) => void;
  readonly onDiagnostics: (path: string, diagnostics: readonly Diagnostic[]) => void;
}

export class FileApplier {
  readonly #options: WatchFilesOptions;
  readonly #watchers: FSWatcher[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: WatchFilesOptions) {
    this.#options = options;
  }

  /** Applies everything once. False when something has an error: nothing was applied then, unless a later path was refused by the API. */
  async start(): Promise<boolean> {
    const { paths, onDiagnostics } = this.#options;
    const read = readFiles(paths);
    if (hasErrors(read.diagnostics)) {
      onDiagnostics(paths.join(', '), read.diagnostics);
      return false;
    }
    for (const file of paths) {
      this.#follow(file);
      if (!(await this.#apply(file))) return false;
    }
    return true;
  }

  async stop(): Promise<void> {
    for (const watcher of this.#watchers) watcher.close();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await this.#running;
  }

  /** A file is watched by its folder: editors replace files. */
  #follow(file: string): void {
    const folder = isFolder(file);
    const name = path.basename(file);
    try {
      const watcher = watch(folder ? file : path.dirname(file), { recursive: folder }, (_, changed) => {
        if (!folder && changed !== null && changed !== name) return;
        clearTimeout(this.#timers.get(file));
        const timer = setTimeout(() => {
          this.#running = this.#running.then(() => this.#apply(file));
        }, SETTLE);
        this.#timers.set(file, timer);
      });
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // Reading it says what is wrong.
    }
  }

  async #apply(file: string): Promise<boolean> {
    const { client, onApplied, onDiagnostics } = this.#options;
    const read = readFiles([file]);
    const others = readFiles(this.#options.paths.filter((other) => other !== file)).objects;
    const twice = duplicateObjects([...others, ...read.objects]).filter(({ place }) =>
      read.files.includes(place.file ?? ''),
    );
    const findings = hasErrors(read.diagnostics) ? read.diagnostics : [...read.diagnostics, ...twice];
    if (hasErrors(findings)) {
      onDiagnostics(file, findings);
      return false;
    }
    const { applied, diagnostics } = await applyObjects(client, read.objects, {
      annotations: { [FILE_ANNOTATION]: file },
    });
    const all = [...read.diagnostics, ...diagnostics];
    const texts = applied.filter(({ outcome }) => outcome !== 'unchanged').map(outcomeText);
    if (!hasErrors(all))
      texts.push(
        ...(await this.#prune(
          file,
          new Set(applied.map(({ kind, namespace, name }) => `${kind.group}/${kind.kind}/${namespace}/${name}`)),
        )),
      );
    if (texts.length > 0) onApplied(texts);
    if (all.length > 0) onDiagnostics(file, all);
    return !hasErrors(all);
  }

  /** Deletes what `file` made before and no longer names. */
  async #prune(file: string, kept: ReadonlySet<string>): Promise<string[]> {
    const texts: string[] = [];
    for (const kind of [...KINDS].reverse()) {
      const listed = await this.#options.client.list({ kind });
      if (!listed.ok) continue;
      for (const item of listed.value.items) {
        const metadata = (item.metadata ?? {}) as JsonObject;
        const annotations = (metadata.annotations ?? {}) as JsonObject;
        const name = String(metadata.name);
        const namespace = String(metadata.namespace ?? '');
        if (annotations[FILE_ANNOTATION] !== file || kept.has(`${kind.group}/${kind.kind}/${namespace}/${name}`))
          continue;
        const deleted = await this.#options.client.delete({ kind, namespace, name });
        if (deleted.ok) texts.push(`${kind.singular}/${name} deleted`);
      }
    }
    return texts;
  }
}

function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}
