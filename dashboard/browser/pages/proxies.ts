/** Proxies: in step with the control plane or not, their certificates, and the configuration that each was given. */
import { h } from 'preact';
import type { ConfigChangeDocument, ProxyDocument } from '@weft/core/documents';
import { changes, get, proxies, useAsked } from '../api.ts';
import { dateTime, span } from '../format.ts';
import type { Health } from '../model.ts';
import { badge, type Child, link, loaded, panel, path, Table } from '../page.ts';
import { type Address, setQuery } from '../route.ts';
import { changeText } from './graph.ts';

const STATES: Readonly<Record<string, Health>> = {
  synced: 'good',
  stale: 'poor',
  rejected: 'bad',
  disconnected: 'bad',
};

export function ProxiesPage(): Child {
  const found = useAsked(proxies, 3000, 'proxies');
  return h(
    'div',
    null,
    h('h1', null, 'Proxies'),
    loaded(found, (rows) =>
      h(Table<ProxyDocument>, {
        caption: 'Proxies',
        rows,
        id: ({ namespace, name }) => `${namespace}/${name}`,
        empty: 'No proxy has joined yet: start one with weft run.',
        mark: ({ state }) => STATES[state] ?? 'idle',
        columns: [
          {
            title: 'Name',
            by: ({ namespace, name }) => `${namespace}/${name}`,
            cell: ({ namespace, name }) => link(`proxies/${path(namespace, name)}`, `${namespace}/${name}`),
          },
          { title: 'State', by: ({ state }) => state, cell: ({ state }) => badge(STATES[state] ?? 'idle', state) },
          {
            title: 'For',
            by: ({ since }) => Date.parse(since),
            cell: ({ since }) => span(Date.now() - Date.parse(since)),
          },
          { title: 'Role', by: ({ role }) => role, cell: ({ role }) => role },
          {
            title: 'Engine',
            by: ({ engine }) => engine,
            cell: ({ engine, engineVersion }) => `${engine} ${engineVersion}`,
          },
          {
            title: 'Certificate ends',
            by: ({ certificateExpires }) => Date.parse(certificateExpires),
            cell: certificate,
          },
        ],
      }),
    ),
  );
}

function certificate({ certificateExpires }: ProxyDocument): Child {
  if (certificateExpires === '') return h('span', { class: 'quiet' }, 'not issued here');
  const left = Date.parse(certificateExpires) - Date.now();
  return left < 0 ? badge('bad', 'has ended') : `in ${span(left)}`;
}

export function ProxyPage({ address: { parts, query } }: { address: Address }): Child {
  const [, namespace = '', name = ''] = parts;
  const found = useAsked(
    async (signal) => (await proxies(signal)).find((proxy) => proxy.namespace === namespace && proxy.name === name),
    3000,
    `${namespace}/${name}`,
  );
  const config = useAsked(
    (signal) => get<unknown>(`/weft/v1/proxies/${path(namespace, name)}/config`, signal),
    15_000,
    `config ${namespace}/${name}`,
  );
  return h(
    'div',
    null,
    h('h1', null, `Proxy ${namespace}/${name}`),
    loaded(found, (proxy) => {
      if (proxy === undefined) return h('p', { class: 'problem' }, 'It is not known: it has left, or never was.');
      return panel(
        'State',
        h('p', null, badge(STATES[proxy.state] ?? 'idle', proxy.state), ` since ${dateTime(Date.parse(proxy.since))}`),
        [...proxy.reasons, ...proxy.notes].map((text) => h('p', { class: 'problem' }, text)),
        h(
          'dl',
          { class: 'facts' },
          Object.entries(proxy.resources).flatMap(([type, count]) => [
            h('dt', null, type),
            h('dd', null, String(count)),
          ]),
          h('dt', null, 'certificate'),
          h('dd', null, certificate(proxy)),
        ),
      );
    }),
    h(ConfigChanges, { proxy: path(namespace, name), revision: query.get('revision') ?? '' }),
    panel(
      'Configuration',
      loaded(config, (document) => h(Json, { document })),
    ),
  );
}

/** Changes that can be chosen. */
const CHOICE = 50;

/** Its configuration before and after one of the newest changes. */
function ConfigChanges({ proxy, revision }: { proxy: string; revision: string }): Child {
  const log = useAsked(changes, 10_000, 'changes');
  return panel(
    'What a change did to it',
    loaded(log, (entries) =>
      h(
        'label',
        null,
        'Change ',
        h(
          'select',
          {
            value: revision,
            onChange: (event: Event) => setQuery({ revision: (event.target as HTMLSelectElement).value }),
          },
          h('option', { value: '' }, 'choose one'),
          entries.slice(0, CHOICE).map((entry) => h('option', { value: String(entry.revision) }, changeText(entry))),
        ),
      ),
    ),
    revision === '' ? null : h(RowChanges, { proxy, revision, key: revision }),
  );
}

function RowChanges({ proxy, revision }: { proxy: string; revision: string }): Child {
  const found = useAsked(
    (signal) => get<ConfigChangeDocument>(`/weft/v1/proxies/${proxy}/changes/${encodeURIComponent(revision)}`, signal),
    0,
    `${proxy} ${revision}`,
  );
  return loaded(found, ({ rows, more }) =>
    rows.length === 0
      ? h('p', { role: 'status' }, 'It changed nothing here.')
      : [
          rows.map(({ table, name, before, after }) =>
            h(
              'details',
              { key: `${table} ${name}`, open: rows.length <= 3 },
              h(
                'summary',
                null,
                `${table} ${name}: ${before === undefined ? 'new' : after === undefined ? 'gone' : 'changed'}`,
              ),
              h(
                'div',
                { class: 'beside' },
                h('section', { 'aria-label': 'Before' }, h('h3', null, 'Before'), h(Json, { document: before })),
                h('section', { 'aria-label': 'After' }, h('h3', null, 'After'), h(Json, { document: after })),
              ),
            ),
          ),
          more > 0 ? h('p', { class: 'quiet' }, `${more} more rows are not shown.`) : null,
        ],
  );
}

/** A document to read: its parts can be folded. */
export function Json({ document }: { document: unknown }): Child {
  if (typeof document !== 'object' || document === null)
    return h('code', { class: 'value' }, document === undefined ? '' : JSON.stringify(document));
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(document)
    ? document.map((value, index) => [String(index), value] as const)
    : Object.entries(document);
  return h(
    'ul',
    { class: 'json' },
    entries.slice(0, 1000).map(([key, value]) => {
      const nested = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
      return h(
        'li',
        { key },
        nested
          ? h(
              'details',
              { open: Object.keys(value).length <= 4 },
              h('summary', null, key),
              h(Json, { document: value }),
            )
          : [h('span', { class: 'key' }, `${key}: `), h(Json, { document: value })],
      );
    }),
  );
}
