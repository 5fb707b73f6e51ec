/** The layers of the runtime as they are now: what each says, and what counts. Owns no engine: whoever made it is told of changes. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  NO_RUNTIME,
  type RuntimeLayer,
  type RuntimeValue,
  runtimeValueOf,
  type RuntimeValues,
} from '@weft/core/proxy-config';
import type { RuntimeReport } from '@weft/proxy/admin';
import { FolderWatch } from '../files/watched-file.ts';

/** Files of one layer that are read; a folder that holds more is none of keys. */
const MAX_FILES = 10_000;
const MAX_DEPTH = 16;

export interface RuntimeOptions {
  readonly layers: readonly RuntimeLayer[];
  /** Envoy's node.cluster. */
  readonly serviceCluster: string;
  readonly onChange: (values: RuntimeValues) => void | Promise<void>;
  readonly onFault: (message: string) => void;
}

export class RuntimeLayers implements RuntimeReport {
  readonly #options: RuntimeOptions;
  readonly #said: RuntimeValues[];
  readonly #watches: FolderWatch[] = [];

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#said = options.layers.map((layer) => (layer.kind === 'static' ? layer.values : NO_RUNTIME));
    for (const [index, layer] of options.layers.entries()) {
      if (layer.kind !== 'disk') continue;
      this.#said[index] = this.#read(layer);
      // The link is swapped: its folder sees that.
      const watched = path.dirname(path.resolve(layer.symlinkRoot));
      this.#watches.push(new FolderWatch(watched, () => void this.#put(index, this.#read(layer))));
    }
  }

  get layers(): readonly string[] {
    return this.#options.layers.map(({ name }) => name);
  }

  /** What ADS is asked for; undefined: nothing. */
  get fromAds(): { readonly names: readonly string[]; took: RuntimeLayers['took'] } | undefined {
    const names = this.#options.layers.flatMap((layer) => (layer.kind === 'rtds' ? [layer.resource] : []));
    return names.length === 0 ? undefined : { names, took: (name, values) => this.took(name, values) };
  }

  /** What counts now. */
  get values(): RuntimeValues {
    return new Map(this.#said.flatMap((values) => [...values]));
  }

  /** A resource came by RTDS; undefined: it is gone. */
  took(resource: string, values: RuntimeValues | undefined): void {
    for (const [index, layer] of this.#options.layers.entries())
      if (layer.kind === 'rtds' && layer.resource === resource) void this.#put(index, values ?? NO_RUNTIME);
  }

  entries(): ReturnType<RuntimeReport['entries']> {
    const keys = [...new Set(this.#said.flatMap((values) => [...values.keys()]))].sort();
    const { values } = this;
    return keys.map((key) => ({
      key,
      values: this.#said.map((layer) => textOf(layer.get(key))),
      final: textOf(values.get(key)),
    }));
  }

  async modify(changes: readonly (readonly [key: string, value: string])[]): Promise<string | undefined> {
    const index = this.#options.layers.findIndex(({ kind }) => kind === 'admin');
    if (index < 0) return 'No admin layer specified';
    const values = new Map(this.#said[index]);
    for (const [key, value] of changes) {
      if (value === '') values.delete(key);
      else values.set(key, runtimeValueOf(value));
    }
    await this.#put(index, values);
    return undefined;
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
  }

  #put(index: number, values: RuntimeValues): void | Promise<void> {
    this.#said[index] = values;
    return this.#options.onChange(this.values);
  }

  #read(layer: Extract<RuntimeLayer, { kind: 'disk' }>): RuntimeValues {
    const { symlinkRoot, subdirectory, appendServiceCluster } = layer;
    const folder = path.join(symlinkRoot, subdirectory, appendServiceCluster ? this.#options.serviceCluster : '');
    const values = new Map<string, RuntimeValue>();
    try {
      this.#walk(folder, '', 0, values);
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!missing) this.#options.onFault(`runtime layer ${layer.name}: ${String(error)}`);
    }
    return values;
  }

  #walk(folder: string, prefix: string, depth: number, values: Map<string, RuntimeValue>): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === '.' || entry.name === '..' || values.size >= MAX_FILES || depth > MAX_DEPTH) continue;
      const key = prefix === '' ? entry.name : `${prefix}.${entry.name}`;
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) this.#walk(file, key, depth + 1, values);
      else if (entry.isFile() || entry.isSymbolicLink()) {
        // Lines that begin with # are remarks, as in Envoy.
        const lines = readFileSync(file, 'utf8').split('\n');
        values.set(
          key,
          runtimeValueOf(
            lines
              .filter((line) => !line.startsWith('#'))
              .join('\n')
              .trim(),
          ),
        );
      }
    }
  }
}

const textOf = (value: RuntimeValue | undefined): string => {
  if (value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
