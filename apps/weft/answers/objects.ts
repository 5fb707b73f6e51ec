/** The objects that a question is about: of files, or of the control plane; and where each came from, so that answers show lines. */
import type { ApiClient, JsonObject } from '@weft/control/api/client';
import { formatDiagnostic, hasErrors } from '@weft/core/kernel';
import {
  type AnyKind,
  apiVersionOf,
  KINDS,
  kindOf,
  objectName,
  type Origin,
  specIn,
  type StoredObject,
} from '@weft/core/resources';
import { locate } from '@weft/core/resources/text';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { CommandError } from '../errors.ts';
import { type FileObjects, readFiles } from '../files/read-files.ts';

export interface KnownObjects {
  readonly objects: readonly StoredObject[];
  /** `file:line:column` of a source (`Kind/namespace/name#field.path`); '' where nobody applied it from a file. */
  place(source: string): Promise<string>;
  close(): void;
}

/** Files alone when there are any, else what the control plane holds. */
export async function knownObjects(flags: ClientFlags & { readonly file?: readonly string[] }): Promise<KnownObjects> {
  return flags.file === undefined ? ofControlPlane(flags) : ofFiles(flags.file);
}

export function ofFiles(paths: readonly string[]): KnownObjects {
  return ofRead(readFiles(paths));
}

/** Of files that were read. */
export function ofRead(read: FileObjects): KnownObjects {
  if (hasErrors(read.diagnostics)) throw CommandError.of(read.diagnostics);
  for (const diagnostic of read.diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  const objects = storedObjects(read.objects);
  const origins = new Map(
    objects.map((object) => [objectName(object.kind, object.metadata.namespace, object.metadata.name), object.origin]),
  );
  return {
    objects,
    place: (source) => Promise.resolve(placeOf(origins.get(objectOf(source)), source)),
    close: () => {},
  };
}

/** As they would be once they are written. */
export const storedObjects = (read: FileObjects['objects']): StoredObject[] =>
  read.flatMap(({ object }, index): StoredObject[] => {
    if (object === undefined) return [];
    const metadata = { ...object.metadata, uid: String(index), generation: 1, resourceVersion: String(index + 1) };
    return [{ ...object, metadata }];
  });

export async function ofControlPlane(flags: ClientFlags): Promise<KnownObjects> {
  const client = connect(flags);
  const lists = await Promise.all(
    KINDS.map(async (kind) => {
      const { items } = await orFail(client.list({ kind, namespace: '' }));
      return items.map((item) => stored(item, kind));
    }),
  );
  const origins = new Map<string, Promise<Origin | undefined>>();
  return {
    objects: lists.flat(),
    async place(source) {
      const name = objectOf(source);
      let origin = origins.get(name);
      if (origin === undefined) {
        origin = originOf(client, name);
        origins.set(name, origin);
      }
      return placeOf(await origin, source);
    },
    close: () => client.close(),
  };
}

/** Values of Secrets are hidden in what the control plane answers: that they are there is all that counts. */
function stored(item: JsonObject, kind: AnyKind): StoredObject {
  const given = item['metadata'] as Partial<StoredObject['metadata']>;
  const metadata = { namespace: '', labels: {}, annotations: {}, ...given } as StoredObject['metadata'];
  return {
    apiVersion: apiVersionOf(kind.group, kind.versions[0]),
    kind: kind.kind,
    metadata,
    spec: specIn(kind, item),
  };
}

async function originOf(client: ApiClient, name: string): Promise<Origin | undefined> {
  const [word = '', ...rest] = name.split('/');
  const kind = KINDS.find((candidate) => candidate.kind === word);
  if (kind === undefined || kindOf(kind.group, kind.kind) === undefined) return undefined;
  const [namespace = '', own = ''] = rest.length === 1 ? ['', rest[0]] : rest;
  const answer = await client.origin({ kind, namespace, name: own });
  return answer.ok ? answer.value : undefined;
}

/** As `place`, among objects that hold where they came from. */
export const placeAmong = (objects: readonly StoredObject[], source: string): string =>
  placeOf(
    objects.find(({ kind, metadata }) => objectName(kind, metadata.namespace, metadata.name) === objectOf(source))
      ?.origin,
    source,
  );

const objectOf = (source: string): string => source.split('#', 1)[0] ?? '';

function placeOf(origin: Origin | undefined, source: string): string {
  if (origin === undefined) return '';
  const hash = source.indexOf('#');
  const { line, column } = locate(origin, hash < 0 ? '' : source.slice(hash + 1));
  return `${origin.file}:${line}:${column}`;
}
