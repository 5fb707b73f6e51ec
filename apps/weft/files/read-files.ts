/** Objects from the paths a user names: files, folders (every .yaml, .yml and .json in them but policy tests, in the order of their names), `-` for standard input. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Diagnostic, formatDiagnostic } from '@weft/core/kernel';
import { objectName } from '@weft/core/resources';
import { duplicateObjects, locate, type ParsedObject, readObjects } from '@weft/core/resources/text';
import { readStdin } from './stdin.ts';
import { unreadableReason } from './unreadable.ts';

export interface FileObjects {
  readonly objects: readonly ParsedObject[];
  readonly diagnostics: readonly Diagnostic[];
  /** The files that were read, and those of them that hold no text at all. */
  readonly files: readonly string[];
  readonly blank: readonly string[];
}

/** Envoy's tables are loaded for whoever patches. */
const require = createRequire(import.meta.url);
const STDIN = '-';
const OBJECT_FILE = /\.(?:ya?ml|json)$/i;

/** Policy tests stand beside the objects that they test, and are none. */
export const isTestFile = (name: string): boolean => /\.test\.ya?ml$/i.test(name);

/** Reads all of them; what cannot be read is a finding like any other. `namespace` is for objects that name none. */
export function readFiles(paths: readonly string[], namespace?: string): FileObjects {
  const objects: ParsedObject[] = [];
  const diagnostics: Diagnostic[] = [];
  const files: string[] = [];
  const blank: string[] = [];
  for (const wanted of paths) {
    for (const file of expand(wanted, diagnostics)) {
      const text = readText(file, diagnostics);
      if (text === undefined) continue;
      files.push(file);
      if (text.trim() === '') blank.push(file);
      const read = readObjects(text, file === STDIN ? 'stdin' : file, namespace === undefined ? {} : { namespace });
      objects.push(...read.objects);
      diagnostics.push(...read.diagnostics, ...read.objects.flatMap(messageFaults));
    }
  }
  return { objects, diagnostics: [...diagnostics, ...acrossFiles(objects, diagnostics)], files, blank };
}

/** Of EnginePatches, whose values are messages of Envoy's, with file and line. */
function messageFaults({ object, origin }: ParsedObject): Diagnostic[] {
  if (object?.kind !== 'EnginePatch') return [];
  const { patchFaults } = require('@weft/envoy/patch') as typeof import('@weft/envoy/patch');
  const { namespace, name } = object.metadata;
  return patchFaults(object.spec).map((fault) => ({
    ...fault,
    place: {
      ...fault.place,
      object: objectName(object.kind, namespace, name),
      file: origin.file,
      ...locate(origin, fault.place.path ?? ''),
    },
  }));
}

/** Objects that two files have; one file's own are among `known` already. */
function acrossFiles(objects: readonly ParsedObject[], known: readonly Diagnostic[]): Diagnostic[] {
  const said = new Set(known.map(formatDiagnostic));
  return duplicateObjects(objects).filter((finding) => !said.has(formatDiagnostic(finding)));
}

function expand(wanted: string, diagnostics: Diagnostic[]): string[] {
  if (wanted === STDIN) return [STDIN];
  try {
    if (!statSync(wanted).isDirectory()) return [wanted];
    const names = readdirSync(wanted, { recursive: true, encoding: 'utf8' })
      .filter((name) => OBJECT_FILE.test(name) && !isTestFile(name))
      .sort();
    if (names.length === 0) {
      diagnostics.push({
        severity: 'warning',
        code: 'empty-folder',
        message: 'the folder holds no .yaml, .yml or .json file',
        place: { file: wanted },
      });
    }
    return names.map((name) => path.join(wanted, name));
  } catch (error) {
    diagnostics.push(unreadable(wanted, error));
    return [];
  }
}

function readText(file: string, diagnostics: Diagnostic[]): string | undefined {
  try {
    return file === STDIN ? readStdin() : readFileSync(file, 'utf8');
  } catch (error) {
    diagnostics.push(unreadable(file, error));
    return undefined;
  }
}

function unreadable(file: string, error: unknown): Diagnostic {
  return {
    severity: 'error',
    code: 'unreadable-file',
    message: unreadableReason(error),
    place: { file },
  };
}
