/** `weft history KIND NAME` and `weft rollback KIND NAME --to REVISION`. */
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { EXIT_OK, UsageError } from '../errors.ts';
import { namespaceOf, wantedKind } from './get.ts';

export interface HistoryFlags extends ClientFlags {
  readonly namespace: string;
  readonly output?: string;
  readonly to?: string;
}

export async function history(flags: HistoryFlags, [word = '', name = '']: readonly string[]): Promise<number> {
  const kind = wantedKind(word);
  const format = outputFormat(flags.output, ['table', 'json']);
  const client = connect(flags);
  try {
    const items = await orFail(client.history({ kind, namespace: namespaceOf(kind, flags), name }));
    if (format === 'json') process.stdout.write(toJson({ items: [...items] }));
    else if (items.length === 0) process.stderr.write(`nothing is known of ${kind.singular}/${name}\n`);
    else {
      process.stdout.write(
        formatTable(
          ['REVISION', 'TIME', 'CHANGE', 'BY'],
          items.map(({ revision, time, operation, author, before, after }) => [
            String(revision),
            time,
            changeText(operation, before, after),
            author,
          ]),
        ),
      );
    }
    return EXIT_OK;
  } finally {
    client.close();
  }
}

/** `update spec`, or `update status` when nothing that a user writes differs. */
function changeText(operation: string, before: unknown, after: unknown): string {
  if (operation !== 'update') return operation;
  const spec = (object: unknown): string => JSON.stringify((object as { readonly spec?: unknown } | undefined)?.spec);
  return spec(before) === spec(after) ? 'update (status or metadata)' : 'update';
}

export async function rollback(flags: HistoryFlags, [word = '', name = '']: readonly string[]): Promise<number> {
  const kind = wantedKind(word);
  const revision = Number(flags.to);
  if (!Number.isInteger(revision) || revision < 1)
    throw new UsageError(`--to takes a revision that \`weft history\` shows, not '${flags.to ?? ''}'`);
  const client = connect(flags);
  try {
    await orFail(client.rollback({ kind, namespace: namespaceOf(kind, flags), name }, revision));
    process.stdout.write(`${kind.singular}/${name} is as it was at revision ${revision}\n`);
    return EXIT_OK;
  } finally {
    client.close();
  }
}
