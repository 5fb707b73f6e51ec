/** `weft get KIND [NAME]`: objects as a table, YAML, JSON or names; `-w` goes on with every change. */
import { once } from 'node:events';
import type { JsonObject } from '@weft/control/api/client';
import { type AnyKind, kindOfWord, kindsLike } from '@weft/core/resources';
import { type ClientFlags, connect, failure, orFail } from '../cli/connect.ts';
import { outputFormat, toJson, toYaml } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { CommandError, EXIT_OK, UsageError } from '../errors.ts';

export interface GetFlags extends ClientFlags {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly output?: string;
  readonly watch?: boolean;
}

/** The kind a user means by a word: kind, plural, singular or short name. */
export function wantedKind(word: string): AnyKind {
  const kind = kindOfWord(word.toLowerCase());
  if (kind !== undefined) return kind;
  const like = kindsLike(word);
  throw new UsageError(
    `there is no kind '${word}': ${like.length > 8 ? 'the kinds are' : 'did you mean'} ${like.join(', ')}`,
  );
}

export const namespaceOf = (
  kind: AnyKind,
  flags: { readonly namespace: string; readonly allNamespaces?: boolean },
): string => (kind.scope === 'Cluster' || flags.allNamespaces === true ? '' : flags.namespace);

export async function get(flags: GetFlags, [word = '', name]: readonly string[]): Promise<number> {
  const kind = wantedKind(word);
  const format = outputFormat(flags.output, ['table', 'wide', 'yaml', 'json', 'name']);
  const namespace = namespaceOf(kind, flags);
  const client = connect(flags);
  try {
    if (name !== undefined) {
      if (flags.allNamespaces === true) throw new UsageError('a name and -A do not go together');
      if (format === 'table' || format === 'wide') {
        await orFail(client.get({ kind, namespace, name }));
        await printTable(client, { kind, namespace, name }, format === 'wide', false);
      } else print(await orFail(client.get({ kind, namespace, name })), format, kind);
    } else if (format === 'table' || format === 'wide')
      await printTable(client, { kind, namespace }, format === 'wide', flags.allNamespaces === true);
    else {
      const { items } = await orFail(client.list({ kind, namespace }));
      const list = { apiVersion: 'v1', kind: 'List', items: [...items] };
      if (format === 'name') for (const item of items) print(item, format, kind);
      else process.stdout.write(format === 'json' ? toJson(list) : toYaml(list));
    }
    if (flags.watch === true) await follow(client, { kind, namespace, name }, format);
    return EXIT_OK;
  } finally {
    client.close();
  }
}

interface Query {
  readonly kind: AnyKind;
  readonly namespace: string;
  readonly name?: string | undefined;
}

function print(object: JsonObject, format: string, kind: AnyKind): void {
  if (format === 'json') process.stdout.write(toJson(object));
  else if (format === 'yaml') process.stdout.write(toYaml(object));
  else process.stdout.write(`${kind.singular}/${nameIn(object)}\n`);
}

const nameIn = (object: JsonObject): string => String((object.metadata as JsonObject | undefined)?.name ?? '');

interface TableDocument {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority?: number }[];
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object?: { readonly metadata?: { readonly namespace?: string } };
  }[];
}

async function printTable(
  client: ReturnType<typeof connect>,
  query: Query,
  wide: boolean,
  withNamespace: boolean,
): Promise<void> {
  const table = (await orFail(client.table(query))) as unknown as TableDocument;
  if (table.rows.length === 0) {
    process.stderr.write(
      `no ${query.kind.plural}${query.namespace === '' ? '' : ` in namespace ${query.namespace}`}\n`,
    );
    return;
  }
  const shown = table.columnDefinitions.map(({ priority = 0 }) => wide || priority === 0);
  const headers = table.columnDefinitions.filter((_, index) => shown[index]).map(({ name }) => name.toUpperCase());
  const rows = table.rows.map(({ cells, object }) => {
    const row = cells.filter((_, index) => shown[index]).map(String);
    return withNamespace ? [object?.metadata?.namespace ?? '', ...row] : row;
  });
  process.stdout.write(formatTable(withNamespace ? ['NAMESPACE', ...headers] : headers, rows));
}

/** Every change from now on, until the process is told to end. */
async function follow(client: ReturnType<typeof connect>, query: Query, format: string): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  let synced = false;
  const watch = client.watch(query, {
    synced: () => {
      synced = true;
    },
    event: (type, object) => {
      if (!synced) return;
      if (format === 'json' || format === 'yaml') print(object, format, query.kind);
      else process.stdout.write(`${type.padEnd(8)}  ${query.kind.singular}/${nameIn(object)}\n`);
    },
    lost: (error) => {
      if (error.code === 'refused') reject(failure(error));
    },
  });
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(process.stdout, 'error')]);
  try {
    await Promise.race([promise, ended]);
  } catch (error) {
    if (error instanceof CommandError) throw error;
  } finally {
    watch.close();
  }
}
