/** `weft delete KIND NAME...` or `-f PATH`: deletes objects; what is not there is said and is a failure. */
import { hasErrors } from '@weft/core/kernel';
import { kindOfObject } from '@weft/core/resources';
import type { Name } from '@weft/control/api/client';
import { type ClientFlags, connect, failure } from '../cli/connect.ts';
import { EXIT_OK, EXIT_REFUSED, UsageError } from '../errors.ts';
import { nameOf, printDiagnostics } from '../files/apply-objects.ts';
import { readFiles } from '../files/read-files.ts';
import { namespaceOf, wantedKind } from './get.ts';

export interface DeleteFlags extends ClientFlags {
  readonly file?: readonly string[];
  readonly namespace: string;
}

export async function remove(flags: DeleteFlags, [word, ...names]: readonly string[]): Promise<number> {
  const wanted = flags.file === undefined ? byName(flags, word, names) : byFile(flags.file, word);
  if (wanted === undefined) return EXIT_REFUSED;
  const client = connect(flags);
  let code = EXIT_OK;
  try {
    for (const name of wanted) {
      const deleted = await client.delete(name);
      if (deleted.ok) process.stdout.write(`${name.kind.singular}/${name.name} deleted\n`);
      else {
        process.stderr.write(`weft: ${failure(deleted.error).message}\n`);
        code = EXIT_REFUSED;
      }
    }
  } finally {
    client.close();
  }
  return code;
}

function byName(flags: DeleteFlags, word: string | undefined, names: readonly string[]): Name[] {
  if (word === undefined || names.length === 0) throw new UsageError('delete takes KIND NAME..., or -f PATH');
  const kind = wantedKind(word);
  return names.map((name) => ({ kind, namespace: namespaceOf(kind, flags), name }));
}

/** Objects of files, in the reverse of the order they are applied in; undefined when a file is wrong. */
function byFile(files: readonly string[], word: string | undefined): Name[] | undefined {
  if (word !== undefined) throw new UsageError('delete takes KIND NAME..., or -f PATH, not both');
  const read = readFiles(files);
  printDiagnostics(read.diagnostics);
  if (hasErrors(read.diagnostics)) return undefined;
  const last = (name: Name): number => (name.kind.kind === 'Namespace' ? 1 : name.kind.kind === 'Mesh' ? 2 : 0);
  return read.objects
    .flatMap(({ object }) => {
      const kind = object === undefined ? undefined : kindOfObject(object);
      return object === undefined || kind === undefined ? [] : [nameOf(object, kind)];
    })
    .reverse()
    .sort((a, b) => last(a) - last(b));
}
