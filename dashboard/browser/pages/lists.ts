/** Services, workloads and routes, each with what was measured of it, and the page of one. */
import { h } from 'preact';
import type { EdgeTraffic } from '@weft/core/documents';
import { get, quoted, type StoredObject, traffic, useAsked } from '../api.ts';
import { calledOf, callerOf, type Golden, golden, graphOf, healthOf, serviceOf } from '../model.ts';
import { badge, type Child, goldenColumns, link, loaded, panel, path, Table, tiles } from '../page.ts';
import type { Address } from '../route.ts';
import { Courses } from './courses.ts';
import { EdgeTable } from './graph.ts';

const EVERY = 3000;

interface Measured {
  readonly id: string;
  readonly golden: Golden;
}

/** So that service-9 stands before service-10. */
const NATURAL = new Intl.Collator('en', { numeric: true });

/** Groups of rows by an id, with those that were not called as well. */
function measured(
  rows: readonly EdgeTraffic[],
  idOf: (row: EdgeTraffic) => string,
  others: readonly string[],
): Measured[] {
  const groups = Map.groupBy(
    rows.filter((row) => idOf(row) !== ''),
    idOf,
  );
  for (const id of others) if (!groups.has(id)) groups.set(id, []);
  return [...groups]
    .map(([id, members]) => ({ id, golden: golden(members) }))
    .sort((a, b) => NATURAL.compare(a.id, b.id));
}

interface ListOptions {
  readonly title: string;
  readonly page: string;
  readonly idOf: (row: EdgeTraffic) => string;
  readonly listed: string | undefined;
}

/** Names of the objects of a list, `namespace/name`. */
async function names(list: string | undefined, signal: AbortSignal): Promise<string[]> {
  if (list === undefined) return [];
  const { items } = await get<{ items: readonly StoredObject[] }>(list, signal);
  return items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
}

function List({ title, page, idOf, listed }: ListOptions): Child {
  const rows = useAsked(
    async (signal) => {
      const [found, others] = await Promise.all([traffic('1m', signal), names(listed, signal)]);
      return measured(found, idOf, others);
    },
    EVERY,
    title,
  );
  return h(
    'div',
    null,
    h('h1', null, title),
    loaded(rows, (value) =>
      h(Table<Measured>, {
        caption: `${title}, over the last minute`,
        rows: value,
        id: ({ id }) => id,
        empty: `No ${title.toLowerCase()} yet.`,
        mark: (row) => healthOf(row.golden),
        columns: [
          { title: 'Name', by: ({ id }) => id, cell: ({ id }) => link(`${page}/${path(...id.split('/'))}`, id) },
          { title: 'State', by: (row) => healthOf(row.golden), cell: (row) => badge(healthOf(row.golden)) },
          ...goldenColumns<Measured>((row) => row.golden),
        ],
      }),
    ),
  );
}

export const ServicesPage = (): Child =>
  h(List, { title: 'Services', page: 'services', idOf: serviceOf, listed: '/api/v1/services' });

export const WorkloadsPage = (): Child =>
  h(List, {
    title: 'Workloads',
    page: 'workloads',
    idOf: (row: EdgeTraffic) => named(calledOf(row)),
    listed: undefined,
  });

export const RoutesPage = (): Child =>
  h(List, { title: 'Routes', page: 'routes', idOf: ({ edge }: EdgeTraffic) => edge.route, listed: undefined });

const named = (id: string): string => (id.startsWith('/') || !id.includes('/') ? '' : id);

interface OneOptions {
  readonly id: string;
  readonly title: string;
  readonly matchers: string;
  readonly belongs: (row: EdgeTraffic) => boolean;
  readonly address: Address;
  readonly more?: Child;
}

function One({ id, title, matchers, belongs, address, more }: OneOptions): Child {
  const rows = useAsked(async (signal) => (await traffic('1m', signal)).filter(belongs), EVERY, id);
  return h(
    'div',
    null,
    h('h1', null, title),
    loaded(rows, (value) => tiles(golden(value))),
    h(Courses, { matchers, query: address.query }),
    loaded(rows, (value) => panel('Who calls, and what is called', h(EdgeTable, { edges: graphOf(value).edges }))),
    more,
  );
}

export function ServicePage({ address }: { address: Address }): Child {
  const [, ...parts] = address.parts;
  const id = parts.join('/');
  const [namespace, name] = parts.length > 1 ? parts : ['', parts[0]];
  return h(One, {
    id,
    title: `Service ${id}`,
    matchers: `reporter="source",destination_service_namespace=${quoted(namespace === '' ? 'unknown' : (namespace ?? ''))},destination_service_name=${quoted(name ?? '')}`,
    belongs: (row: EdgeTraffic) => serviceOf(row) === id,
    address,
    more: h(Policies, { namespace: namespace ?? '', name: name ?? '' }),
  });
}

export function WorkloadPage({ address }: { address: Address }): Child {
  const [, namespace = '', name = ''] = address.parts;
  const id = `${namespace}/${name}`;
  return h(One, {
    id,
    title: `Workload ${id}`,
    matchers: `reporter="source",destination_workload_namespace=${quoted(namespace)},destination_workload=${quoted(name)}`,
    belongs: (row: EdgeTraffic) => calledOf(row) === id || callerOf(row) === id,
    address,
    more: panel(
      'Look closer',
      h(
        'ul',
        null,
        h('li', null, link(`tap/${path(namespace, name)}`, 'Live requests (tap)')),
        h('li', null, link('proxies', 'Its proxies')),
        h('li', null, link(`ask?from=${encodeURIComponent(id)}`, 'What may it call?')),
      ),
    ),
  });
}

export function RoutePage({ address }: { address: Address }): Child {
  const [, ...parts] = address.parts;
  const id = parts.join('/');
  const [kind = '', namespace = '', name = ''] = parts;
  return h(One, {
    id,
    title: id,
    matchers: `reporter="source",route=${quoted(id)}`,
    belongs: ({ edge }: EdgeTraffic) => edge.route === id,
    address,
    more: panel('Object', h('p', null, link(`objects/${path(kind, namespace, name)}`, `${kind} ${namespace}/${name}`))),
  });
}

const POLICIES = ['accesspolicies', 'trafficpolicies', 'ratelimits', 'faults', 'authentications'];

/** Policies that name the service as their target, and those of its whole namespace. */
function Policies({ namespace, name }: { namespace: string; name: string }): Child {
  const found = useAsked(
    async (signal) => {
      const lists = await Promise.all(
        POLICIES.map((plural) =>
          get<{ items: readonly StoredObject[] }>(
            `/apis/weft.dev/v1alpha1/namespaces/${path(namespace)}/${plural}`,
            signal,
          ).catch(() => ({ items: [] })),
        ),
      );
      return lists.flatMap(({ items }) => items).filter((object) => concerns(object, name));
    },
    15_000,
    `${namespace}/${name}`,
  );
  return panel(
    'Policies',
    loaded(found, (objects) =>
      objects.length === 0
        ? h('p', { class: 'quiet' }, 'None names this service.')
        : h(
            'ul',
            null,
            objects.map(({ kind, metadata }) =>
              h(
                'li',
                null,
                link(`objects/${path(kind, metadata.namespace ?? '', metadata.name)}`, `${kind} ${metadata.name}`),
              ),
            ),
          ),
    ),
  );
}

function concerns({ spec }: StoredObject, name: string): boolean {
  const targets = (spec as { targetRefs?: readonly { kind?: string; name?: string }[] } | undefined)?.targetRefs ?? [];
  return (
    targets.length === 0 ||
    targets.some((target) => target.kind === 'Namespace' || (target.kind === 'Service' && target.name === name))
  );
}
