/**
 * Keeps a control plane at what files say: applies them at the start and after every save. A file with an error changes nothing: all its
 * errors are told and the mesh goes on as it was. An object that leaves the files is deleted, if these files made it: once they have stayed so
 * for a while, since who writes slowly leaves half of a text there in between, and never because its file is blank, which is how many writers begin.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import path from 'node:path';
import type { ApiClient, JsonObject } from '@weft/control/api/client';
import { type Diagnostic, hasErrors, type MonotonicClock, type Timer } from '@weft/core/kernel';
import { type AnyKind, kindOfObject, KINDS } from '@weft/core/resources';
import { duplicateObjects, type ParsedObject } from '@weft/core/resources/text';
import { applyObjects, outcomeText } from './apply-objects.ts';
import { type FileObjects, readFiles } from './read-files.ts';

/** Which path of `--apply` an object comes from. */
const FILE_ANNOTATION = 'weft.dev/applied-from';
/** ms without a further event until a change is read: editors write in several steps. */
const SETTLE = 60;
/** ms without one after which a text that lacks objects is believed. */
const QUIET = 2000;

export interface WatchFilesOptions {
  readonly client: ApiClient;
  readonly paths: readonly string[];
  readonly clock: MonotonicClock;
  readonly onApplied: (texts: readonly string[]) => void;
  readonly onDiagnostics: (path: string, diagnostics: readonly Diagnostic[]) => void;
  /** These objects are not in the files any more. They are deleted, and what else changed is applied, unless the files change within QUIET. */
  readonly onWaiting: (path: string, objects: readonly string[]) => void;
}

/** `quiet`: nothing changed for QUIET. */
type Occasion = 'start' | 'change' | 'quiet';

interface Left {
  readonly kind: AnyKind;
  readonly namespace: string;
  readonly name: string;
}

export class FileApplier {
  readonly #options: WatchFilesOptions;
  readonly #watchers: FSWatcher[] = [];
  readonly #timers = new Map<string, Timer>();
  #running: Promise<unknown> = Promise.resolve();
  #stopped = false;

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
      if (!(await this.#apply(file, 'start'))) return false;
    }
    return true;
  }

  async stop(): Promise<void> {
    for (const watcher of this.#watchers) watcher.close();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#stopped = true;
    await this.#running;
  }

  /** A file is watched by its folder: editors replace files. */
  #follow(file: string): void {
    const folder = isFolder(file);
    const name = path.basename(file);
    try {
      const watcher = watch(folder ? file : path.dirname(file), { recursive: folder }, (_, changed) => {
        if (!folder && changed !== null && changed !== name) return;
        this.#later(file, SETTLE, 'change');
      });
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // Reading it says what is wrong.
    }
  }

  /** Instead of what was to be done with it later. */
  #later(file: string, delay: number, occasion: Occasion): void {
    if (this.#stopped) return;
    this.#timers.get(file)?.cancel();
    const timer = this.#options.clock.after(delay, () => {
      if (this.#timers.get(file) === timer) this.#timers.delete(file);
      this.#running = this.#running.then(() => this.#apply(file, occasion));
    });
    this.#timers.set(file, timer);
  }

  async #apply(file: string, occasion: Occasion): Promise<boolean> {
    const { client, onApplied, onDiagnostics, onWaiting } = this.#options;
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
    const { left, moved, kept } = await this.#left(file, read, others);
    if (occasion === 'change' && left.length > 0) {
      onWaiting(file, left.map(textOf));
      // A change that came meanwhile is looked at first.
      if (!this.#timers.has(file)) this.#later(file, QUIET, 'quiet');
      return true;
    }
    const { applied, diagnostics } = await applyObjects(client, read.objects, {
      annotations: { [FILE_ANNOTATION]: file },
    });
    const all = [...read.diagnostics, ...kept, ...diagnostics];
    const texts = applied.filter(({ outcome }) => outcome !== 'unchanged').map(outcomeText);
    if (!hasErrors(all) && left.length > 0) {
      if (occasion === 'quiet') texts.push(...(await this.#delete(left)));
      else if (!this.#timers.has(file)) this.#later(file, QUIET, 'quiet');
    }
    // The other path was refused while both named it.
    if (moved) for (const other of this.#options.paths) if (other !== file) this.#later(other, SETTLE, 'change');
    if (texts.length > 0) onApplied(texts);
    if (all.length > 0) onDiagnostics(file, all);
    return !hasErrors(all);
  }

  /**
   * What `file` made before and no path names any more, the dependent first; `moved`: another path names some of it; `kept`: a word on each file that
   * is blank and made some.
   */
  async #left(
    file: string,
    read: FileObjects,
    others: readonly ParsedObject[],
  ): Promise<{ readonly left: readonly Left[]; readonly moved: boolean; readonly kept: Diagnostic[] }> {
    const { client } = this.#options;
    const named = namesOf(read.objects);
    const elsewhere = namesOf(others);
    const left: Left[] = [];
    let moved = false;
    const stay = new Map<string, number>();
    for (const kind of [...KINDS].reverse()) {
      const listed = await client.list({ kind });
      if (!listed.ok) continue;
      for (const item of listed.value.items) {
        const metadata = (item.metadata ?? {}) as JsonObject;
        const annotations = (metadata.annotations ?? {}) as JsonObject;
        const one = { kind, namespace: String(metadata.namespace ?? ''), name: String(metadata.name) };
        if (annotations[FILE_ANNOTATION] !== file || named.has(keyOf(one))) continue;
        if (elsewhere.has(keyOf(one))) {
          moved = true;
          continue;
        }
        const origin = read.blank.length === 0 ? undefined : await client.origin(one);
        const from = origin?.ok === true ? origin.value?.file : undefined;
        if (from !== undefined && read.blank.includes(from)) stay.set(from, (stay.get(from) ?? 0) + 1);
        else left.push(one);
      }
    }
    return { left, moved, kept: [...stay].map(([blank, count]) => blankFile(blank, count)) };
  }

  async #delete(left: readonly Left[]): Promise<string[]> {
    const texts: string[] = [];
    for (const one of left) if ((await this.#options.client.delete(one)).ok) texts.push(`${textOf(one)} deleted`);
    return texts;
  }
}

const namesOf = (objects: readonly ParsedObject[]): ReadonlySet<string> =>
  new Set(
    objects.flatMap(({ object }) => {
      const kind = object === undefined ? undefined : kindOfObject(object);
      return object === undefined || kind === undefined
        ? []
        : [keyOf({ kind, namespace: object.metadata.namespace, name: object.metadata.name })];
    }),
  );

const keyOf = ({ kind, namespace, name }: Left): string => `${kind.group}/${kind.kind}/${namespace}/${name}`;
const textOf = ({ kind, name }: Left): string => `${kind.singular}/${name}`;

const blankFile = (file: string, count: number): Diagnostic => ({
  severity: 'warning',
  code: 'blank-file',
  message: `the file is blank: the ${count === 1 ? 'object' : `${count} objects`} that it held ${count === 1 ? 'stays' : 'stay'}`,
  place: { file },
  remedy: 'remove the file, or leave a comment in it, if they are to go',
});

function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}
