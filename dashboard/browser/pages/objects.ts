/** The stored objects, by kind, and one of them with its status and what changed it. */
import { h } from 'preact';
import type { ChangeEntry } from '@weft/core/documents';
import { changes, get, type StoredObject, useAsked } from '../api.ts';
import { dateTime } from '../format.ts';
import { badge, type Child, link, loaded, panel, path, Table } from '../page.ts';
import type { Address } from '../route.ts';
import { changeText } from './graph.ts';
import { Json } from './proxies.ts';

interface Kind {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** `/apis/weft.dev/v1alpha1`. */
  readonly root: string;
}

async function kinds(signal: AbortSignal): Promise<readonly Kind[]> {
  const { groups } = await get<{ groups: readonly { preferredVersion: { groupVersion: string } }[] }>('/apis', signal);
  const roots = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const lists = await Promise.all(
    roots.map(async (root) => {
      const { resources } = await get<{ resources: readonly { name: string; kind: string; namespaced: boolean }[] }>(
        root,
        signal,
      );
      return resources.filter(({ name }) => !name.includes('/')).map((resource) => ({ ...resource, root }));
    }),
  );
  // Events are no objects of the mesh.
  return lists.flat().filter(({ kind }) => kind !== 'Event');
}

async function everything(signal: AbortSignal): Promise<readonly StoredObject[]> {
  const found = await Promise.all(
    (await kinds(signal)).map(async ({ name, kind, root }) => {
      const { items } = await get<{ items: readonly StoredObject[] }>(`${root}/${name}`, signal);
      return items.map((item) => ({ ...item, kind }));
    }),
  );
  return found.flat();
}

export function ObjectsPage({ address: { query } }: { address: Address }): Child {
  const found = useAsked(everything, 10_000, 'objects');
  const wanted = query.get('kind') ?? '';
  return h(
    'div',
    null,
    h('h1', null, 'Objects'),
    loaded(found, (objects) =>
      h(Table<StoredObject>, {
        caption: 'Objects of the mesh',
        rows: objects.filter(({ kind }) => wanted === '' || kind === wanted),
        id: ({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`,
        empty: 'No objects yet: weft apply -f FILE.',
        columns: [
          {
            title: 'Kind',
            by: ({ kind }) => kind,
            cell: ({ kind }) => link(`objects?kind=${encodeURIComponent(kind)}`, kind),
          },
          {
            title: 'Name',
            by: ({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`,
            cell: ({ kind, metadata }) =>
              link(
                `objects/${path(kind, metadata.namespace ?? '', metadata.name)}`,
                metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`,
              ),
          },
          { title: 'Conditions', cell: conditions },
          {
            title: 'Made',
            by: ({ metadata }) => Date.parse(metadata.creationTimestamp ?? ''),
            cell: ({ metadata }) => dateTime(Date.parse(metadata.creationTimestamp ?? '')),
          },
        ],
      }),
    ),
  );
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

/** Conditions anywhere in a status: of the object, or of each parent of a route. */
function conditionsIn(status: unknown): Condition[] {
  if (typeof status !== 'object' || status === null) return [];
  const own = (status as { conditions?: readonly Condition[] }).conditions ?? [];
  const nested = Object.values(status).flatMap((value: unknown) =>
    Array.isArray(value) ? value.flatMap((each) => conditionsIn(each)) : [],
  );
  return [...own, ...nested];
}

function conditions({ status }: StoredObject): Child {
  const bad = conditionsIn(status).filter(({ status: state }) => state !== 'True');
  if (bad.length > 0)
    return bad.slice(0, 3).map(({ type, message = '' }) => badge('bad', `${type}: ${message.slice(0, 160)}`));
  return conditionsIn(status).length > 0 ? badge('good') : '';
}

export function ObjectPage({ address: { parts } }: { address: Address }): Child {
  const [, kind = '', first = '', second] = parts;
  const [namespace, name] = second === undefined ? ['', first] : [first, second];
  const found = useAsked(
    async (signal) => {
      const known = (await kinds(signal)).find((each) => each.kind === kind);
      if (known === undefined) throw new Error(`there is no kind ${kind}`);
      const folder = known.namespaced ? `${known.root}/namespaces/${encodeURIComponent(namespace)}` : known.root;
      return get<StoredObject>(`${folder}/${known.name}/${encodeURIComponent(name)}`, signal);
    },
    10_000,
    `${kind}/${namespace}/${name}`,
  );
  const log = useAsked(changes, 10_000, 'changes');
  const own = ({ kind: other, namespace: place, name: called }: ChangeEntry): boolean =>
    other === kind && place === namespace && called === name;
  return h(
    'div',
    null,
    h('h1', null, `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`),
    loaded(found, (object) => [
      panel('Spec', h(Json, { document: object.spec ?? {} })),
      panel('Status', h(Json, { document: object.status ?? {} })),
    ]),
    panel(
      'Changes',
      loaded(log, (entries) => {
        const mine = entries.filter(own);
        return mine.length === 0
          ? h('p', { class: 'quiet' }, 'None is remembered.')
          : h(
              'ul',
              null,
              mine.map((entry) => h('li', null, changeText(entry))),
            );
      }),
    ),
  );
}
