/** `weft history KIND NAME` and `weft rollback KIND NAME --to REVISION`. */
import { isDeepStrictEqual } from 'node:util';
import { type JsonObject, LAST_APPLIED } from '@weft/control/api/client';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { CommandError, EXIT_OK, UsageError } from '../errors.ts';
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
          items.map(({ revision, time, operation, author, before, after }, index) => [
            String(revision),
            time,
            changeText(operation, before ?? items[index - 1]?.after, after),
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

/** An update says which parts of the object differ: spec, status, labels, annotations. */
function changeText(operation: string, before: JsonObject | undefined, after: JsonObject | undefined): string {
  if (operation !== 'update' || before === undefined || after === undefined) return operation;
  const parts = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => key !== 'metadata');
  const changed = parts.filter((key) => !isDeepStrictEqual(before[key], after[key]));
  const [old, now] = [metadataOf(before), metadataOf(after)];
  for (const key of ['labels', 'annotations'])
    if (!isDeepStrictEqual(old[key] ?? {}, now[key] ?? {})) changed.push(key);
  return changed.length === 0 ? 'update' : `update ${changed.join(', ')}`;
}

/** Annotations without the memory of `apply`, which changes whenever the spec does. */
function metadataOf({ metadata }: JsonObject): JsonObject {
  const { annotations, ...rest } = (metadata ?? {}) as JsonObject;
  const { [LAST_APPLIED]: _, ...own } = (annotations ?? {}) as JsonObject;
  return { ...rest, annotations: own };
}

export async function rollback(flags: HistoryFlags, [word = '', name = '']: readonly string[]): Promise<number> {
  const kind = wantedKind(word);
  const revision = Number(flags.to);
  if (!Number.isInteger(revision) || revision < 1)
    throw new UsageError(`--to takes a revision that \`weft history\` shows, not '${flags.to ?? ''}'`);
  const client = connect(flags);
  try {
    const target = { kind, namespace: namespaceOf(kind, flags), name };
    const known = (await orFail(client.history(target))).map((item) => item.revision);
    if (!known.includes(revision)) {
      throw new CommandError(
        `${kind.singular}/${name} did not change at revision ${revision}`,
        `It changed at ${known.join(', ')}: see \`weft history ${kind.singular} ${name}\`.`,
      );
    }
    await orFail(client.rollback(target, revision));
    process.stdout.write(`${kind.singular}/${name} is as it was at revision ${revision}\n`);
    return EXIT_OK;
  } finally {
    client.close();
  }
}
